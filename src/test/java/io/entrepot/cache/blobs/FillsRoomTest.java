package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cache.BlobReader;
import io.entrepot.cache.Told;
import io.entrepot.catalog.LinkKind;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.OciException;
import io.entrepot.spool.StorageQuota;
import io.entrepot.store.file.TestStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A fill for which a quota of two blobs has no room waits without a thread (F3). */
class FillsRoomTest extends FillsFixture {
  private final List<Long> asked = new ArrayList<>();
  private final CompletableFuture<Void> room = new CompletableFuture<>();

  @BeforeEach
  void openWithQuota() throws Exception {
    here.close();
    StorageQuota quota = new StorageQuota(2L * SIZE, 90);
    open(TestStore.open(folder.resolve("data"), 0, true, quota));
    here.files
        .spool()
        .makeRoomBy(
            bytes -> {
              asked.add(bytes);
              return room;
            });
    put(SIZE + 1);
  }

  private void put(int size) {
    byte[] stored = BlobCacheFixture.random(size);
    here.putBytes(upstream.registry.putBlob(stored), stored);
  }

  /** Begins a fill, whose first turn ends while the room is made. */
  private CompletableFuture<BlobReader> fill() {
    InFlightBlob flight = enter(digest);
    CompletableFuture<BlobReader> reader = joinAtOnce(flight);
    begin(flight);
    upstream.fills.runNext();
    return reader;
  }

  @Test
  void fillGoesOnWithTheSameResponseWhenThereIsRoom() throws Exception {
    CompletableFuture<BlobReader> answer = fill();
    assertThat(answer).isNotDone();
    assertThat(upstream.fills.size()).isZero();
    assertThat(asked).containsExactly((long) SIZE);
    here.files.space().freed(2);

    room.complete(null);
    upstream.fills.runNext();

    try (BlobReader reader = Told.answer(answer)) {
      assertThat(readSoFar(reader)).isEqualTo(bytes);
    }
    assertThat(here.content.findKnown(APP, digest, LinkKind.BLOB)).isPresent();
    assertThat(upstream.registry.requests()).extracting(Recorded::method).containsExactly("GET");
    assertThat(inFlight.size()).isZero();
  }

  @Test
  void fillThatWaitedInVainIsServedAndNotKept() throws Exception {
    CompletableFuture<BlobReader> answer = fill();

    room.complete(null);
    upstream.fills.runNext();

    try (BlobReader reader = Told.answer(answer)) {
      assertThat(readSoFar(reader)).isEqualTo(bytes);
    }
    assertThat(here.content.findKnown(APP, digest, LinkKind.BLOB)).isEmpty();
    assertThat(here.files.spool().trouble()).get().asString().contains("storage.quota is 600000");
    assertThat(here.files.space().stored()).isEqualTo(SIZE + 1);
    assertThat(here.files.space().promised()).isZero();
  }

  @Test
  void stopEndsAFillThatWaits() {
    CompletableFuture<BlobReader> answer = fill();
    upstream.fills.full(true);

    room.complete(null);

    assertThat(Told.failureOf(answer)).isInstanceOf(OciException.class);
    assertThat(inFlight.size()).isZero();
  }

  @Test
  void fillThatFillsTheCacheAsksInAdvanceAndDoesNotWait() throws Exception {
    here.files.space().freed(1);

    CompletableFuture<BlobReader> answer = fill();

    assertThat(answer).isDone();
    assertThat(asked).containsExactly(0L);
    assertThat(here.content.findKnown(APP, digest, LinkKind.BLOB)).isPresent();
    assertThat(here.files.space().stored()).isEqualTo(2L * SIZE);
  }
}
