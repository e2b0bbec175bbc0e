package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobReader;
import io.entrepot.cache.Told;
import io.entrepot.catalog.LinkKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * A cache that cannot write still serves (F3, F4), and remembers that the catalog may be
 * incomplete.
 */
class FillsDiskTest extends FillsFixture {
  private CompletableFuture<BlobReader> fill() {
    InFlightBlob flight = enter(digest);
    CompletableFuture<BlobReader> reader = joinAtOnce(flight);
    begin(flight);
    upstream.fills.runNext();
    assertThat(flight.started()).isCompletedWithValue((long) SIZE);
    assertThat(inFlight.size()).isZero();
    return reader;
  }

  private void assertServedAndNotKept(CompletableFuture<BlobReader> answer) throws IOException {
    try (BlobReader reader = Told.answer(answer)) {
      assertThat(readSoFar(reader)).isEqualTo(bytes);
    }
    assertThat(count("entrepot.not.kept")).isEqualTo(1);
    assertThat(here.content.findKnown(APP, digest, LinkKind.BLOB)).isEmpty();
    assertThat(spooled()).isEmpty();
  }

  @Test
  void blobThatTheDiskHasNoRoomForIsServedAndNotKept() throws Exception {
    here.close();
    open(Long.MAX_VALUE / 2);

    CompletableFuture<BlobReader> reader = fill();

    assertServedAndNotKept(reader);
    assertThat(here.files.store().find(digest)).isEmpty();
    assertThat(here.files.spool().trouble()).isPresent();
  }

  @Test
  void blobThatTheStoreDoesNotTakeIsServedAndNotKept() throws Exception {
    Path blobs = folder.resolve("data/blobs/sha256");
    Files.createDirectories(blobs);
    Files.writeString(blobs.resolve(digest.hex().substring(0, 2)), "not a folder");

    CompletableFuture<BlobReader> reader = fill();

    assertServedAndNotKept(reader);
    assertThat(here.files.spool().trouble()).isPresent();
  }

  /** The bytes are in the store by then. They are added to the catalog later. */
  @Test
  void blobThatTheDatabaseDoesNotTakeIsServedAndTakenInLater() throws Exception {
    here.unindexed.adopt();
    here.database.goDown();

    CompletableFuture<BlobReader> reader = fill();

    assertServedAndNotKept(reader);
    assertThat(here.unindexed.areSuspected()).isTrue();
    here.database.comeBack();
    assertThat(here.unindexed.adopt()).isEqualTo(1);
  }

  @Test
  void laterClientOfABlobThatIsNotKeptIsToldToGetItsOwn() throws Exception {
    here.close();
    open(Long.MAX_VALUE / 2);
    byte[] large = BlobCacheFixture.random(3 << 20);
    var wanted = upstream.registry.putBlob(large);
    InFlightBlob flight = enter(wanted);
    CompletableFuture<BlobReader> first = joinAtOnce(flight);
    begin(flight);
    CompletableFuture<Void> fill = upstream.fills.begin();
    BlobReader reader = first.join();
    var out = new ByteArrayOutputStream();
    while (out.size() < large.length) {
      CompletableFuture<Void> more = new CompletableFuture<>();
      out.write(readSoFar(reader));
      if (out.size() > 2 << 20) {
        assertThat(flight.join(null, large.length)).isNull();
        assertThat(flight.canBeKept()).isFalse();
      }
      reader.park(() -> more.complete(null));
      if (out.size() < large.length) {
        more.join();
      }
    }
    fill.join();
    reader.close();

    assertThat(out.toByteArray()).isEqualTo(large);
  }
}
