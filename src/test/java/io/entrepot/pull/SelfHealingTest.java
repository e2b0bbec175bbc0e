package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.LogLines;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.spool.DataFolder;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged and missing files and a damaged database (F5), files that cannot be read (F24), and
 * folders that were removed (F28).
 */
class SelfHealingTest {
  private static final Clock LONG_AGO = Clock.offset(Clock.systemUTC(), Duration.ofDays(-40));

  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;
  private BlobBench bench;

  @BeforeEach
  void pullLongAgo() {
    bench = new BlobBench(folder);
    bench.restart(builder -> builder.clock(LONG_AGO).set("proxy.ttl", "0"));
    bench.assertWhole(bench.get());
    bench.awaitIdle();
  }

  @AfterEach
  void stop() {
    bench.close();
  }

  @Test
  void rottenBlobIsQuarantinedAndFetchedAgainWhileTheClientWaits() throws IOException {
    flipAByte();
    restartWithoutScrub();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
    assertThat(bench.files("quarantine")).hasSize(1);
    bench.awaitIdle();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
  }

  @Test
  void soundBlobIsVerifiedAndServedWithoutTheUpstream() throws IOException {
    restartWithoutScrub();
    bench.upstream.clearRequests();
    HttpResponse<byte[]> verified = bench.get();
    bench.assertWhole(verified);
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.requests(Recorded.blob(bench.blob))).isEmpty();
    assertThat(folder.resolve("data/quarantine")).doesNotExist();
  }

  @Test
  void scrubFindsWhatHasRottedBeforeAnybodyAsks() throws IOException {
    flipAByte();
    bench.restart(builder -> builder.set("proxy.ttl", "0"));
    await().until(() -> bench.server().stats().contains("\"damaged\":1"));
    assertThat(bench.files("blobs")).isEmpty();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
  }

  @Test
  void scrubNotesWhatIsSound() {
    bench.restart(builder -> builder.set("proxy.ttl", "0"));
    await().until(() -> bench.server().stats().contains("\"scrub\":{\"blobs\":1,"));
    assertThat(bench.server().stats()).contains("\"bytes\":" + BlobBench.SIZE);
    bench.restart(builder -> builder.set("proxy.ttl", "0"));
    await().until(() -> bench.server().stats().contains("\"passEndedAt\":\""));
    assertThat(bench.server().stats()).contains("\"scrub\":{\"blobs\":0,");
  }

  /** When the client gets the headers, the blob has its full size. Then its end is cut off. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsFoundMissingInTheMiddleOfASendCutsTheConnection(boolean sendfile) throws Exception {
    bench.restart(
        builder ->
            (sendfile ? builder : builder.withoutSendfile())
                .connector("socket.txBufSize", "4096")
                .set("proxy.ttl", "0")
                .set("storage.scrubrate", "0"));
    bench.assertWhole(bench.get());
    try (PullSocket client = new PullSocket(bench.server().port(), bench.path)) {
      assertThat(client.head()).contains("Content-Length: " + BlobBench.SIZE);
      try (FileChannel file =
          FileChannel.open(bench.files("blobs").get(0), StandardOpenOption.WRITE)) {
        file.truncate(BlobBench.SIZE - 100_000);
      }
      byte[] received = client.rest();
      assertThat(received).hasSizeLessThanOrEqualTo(BlobBench.SIZE - 100_000);
      assertThat(received).isEqualTo(Arrays.copyOf(bench.bytes, received.length));
    }
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
  }

  @Test
  void vanishedFileIsFetchedAgain() throws IOException {
    Files.delete(bench.files("blobs").get(0));
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
  }

  @Test
  void damagedDatabaseIsSetAsideAndCostsOneHead() throws IOException {
    bench.restart(
        builder -> {
          overwriteDatabase();
          return builder.set("proxy.ttl", "0");
        });
    assertThat(folder.resolve("data/index.damaged")).isDirectory();
    bench.upstream.clearRequests();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.requests(Recorded.blob(bench.blob)))
        .singleElement()
        .satisfies(request -> assertThat(request.method()).isEqualTo("HEAD"));
  }

  /** The time of the last verification is lost. */
  @Test
  void rottenBlobThatTheDatabaseHasLostIsNotServed() throws IOException {
    flipAByte();
    bench.restart(
        builder -> {
          overwriteDatabase();
          return builder.set("proxy.ttl", "0").set("storage.scrubrate", "0");
        });
    bench.upstream.clearRequests();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
    assertThat(bench.files("quarantine")).hasSize(1);
  }

  /**
   * A file with a wrong size. Its own repository knows the right size; another repository knows
   * only the size that the upstream returns.
   */
  @Test
  void blobThatHasLostBytesIsNotGivenToAnotherRepository() throws IOException {
    bench.upstream.putBlob("other/app", bench.bytes);
    try (FileChannel file =
        FileChannel.open(bench.files("blobs").get(0), StandardOpenOption.WRITE)) {
      file.truncate(BlobBench.SIZE - 1);
    }
    bench.assertWhole(bench.server().get("/v2/other/app/blobs/" + bench.blob));
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
    assertThat(bench.files("quarantine")).hasSize(1);
    bench.awaitIdle();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
  }

  @Test
  void rottenManifestIsFetchedAgainAndReplaced() throws IOException {
    String path = "/v2/team/app/manifests/";
    byte[] large =
        ("{\"schemaVersion\":2,\"note\":\"" + "x".repeat(100_000) + "\"}").getBytes(UTF_8);
    for (byte[] manifest : List.of("{\"schemaVersion\":2}".getBytes(UTF_8), large)) {
      Digest digest = bench.upstream.putManifest("team/app", "v1", IMAGE, manifest);
      assertThat(bench.server().get(path + digest).body()).isEqualTo(manifest);
      Path file =
          folder.resolve("data/blobs/sha256/" + digest.hex().substring(0, 2) + "/" + digest.hex());
      byte[] rotten = manifest.clone();
      rotten[3] ^= 1;
      Files.write(file, rotten);
      restartWithoutScrub();
      assertThat(bench.server().get(path + digest).body()).isEqualTo(manifest);
      assertThat(file).hasBinaryContent(manifest);
      bench.upstream.clearRequests();
      assertThat(bench.server().get(path + digest).body()).isEqualTo(manifest);
      assertThat(bench.upstream.requests(Recorded.manifest(digest.toString()))).isEmpty();
    }
  }

  /** A link that leads to itself: the system opens it to nobody, not even to root (F24). */
  @Test
  void unreadableFileIsFetchedAgainAndReplaced() throws IOException {
    Path file = bench.files("blobs").get(0);
    restartWithoutScrub();
    Files.delete(file);
    Files.createSymbolicLink(file, file);

    bench.assertWhole(bench.get());

    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
    bench.assertKept();
    assertThat(file).isRegularFile();
    assertThat(health()).contains("\"degraded\":[]");
  }

  /** The store can neither read what is below this path, nor write there (F24). */
  @Test
  void unreadableFolderIsPassedByAndToldUntilItIsReadable() throws IOException {
    restartWithoutScrub();
    Path below = bench.files("blobs").get(0).getParent();
    Path kept = folder.resolve("kept");
    Files.move(below, kept);
    Files.writeString(below, "not a folder");
    try (LogLines log = LogLines.of("io.entrepot")) {
      for (int pulls = 2; pulls < 5; pulls++) {
        bench.assertWhole(bench.get());
        bench.awaitIdle();
        assertThat(bench.upstream.blobGets(bench.blob)).hasSize(pulls);
      }
      assertThat(log.with("A stored blob cannot be read")).hasSize(1);
      assertThat(log.with("could not be stored")).hasSize(1);
      assertThat(health()).contains("\"what\":\"storage\"", below.toString());
    }

    Files.delete(below);
    Files.move(kept, below);

    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spool", "blobs/sha256", "blobs", "quarantine"})
  void folderThatIsRemovedIsMadeAgain(String name) throws IOException {
    restartWithoutScrub();
    FileUtils.deleteDirectory(folder.resolve("data").resolve(name).toFile());
    byte[] large = BlobBench.random(200_000);
    Digest digest = bench.upstream.putBlob("team/app", large);

    assertThat(bench.server().get("/v2/team/app/blobs/" + digest).body()).isEqualTo(large);

    bench.awaitIdle();
    assertThat(bench.files("blobs"))
        .anyMatch(file -> String.valueOf(file.getFileName()).equals(digest.hex()));
    assertThat(health()).contains("\"degraded\":[]");
  }

  /** What is stored costs one HEAD then, as after a start without a database (F25, F28). */
  @Test
  void databaseThatIsRemovedInUseIsMadeAnewWithoutARestart() throws IOException {
    restartWithoutScrub();
    bench.assertKept();
    Path index = folder.resolve("data/index");
    try (LogLines log = LogLines.ofInfo("io.entrepot")) {
      FileUtils.deleteDirectory(index.toFile());
      await().until(() -> health().contains("\"degraded\":[]"));
      assertThat(log.with("was removed")).hasSize(1);
      await().until(() -> !log.with("Leased 1 blobs anew").isEmpty());
    }
    assertThat(index.resolve("entrepot.mv.db")).exists();
    bench.upstream.clearRequests();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.requests(Recorded.blob(bench.blob)))
        .singleElement()
        .satisfies(request -> assertThat(request.method()).isEqualTo("HEAD"));
    bench.assertKept();
  }

  /** All of it, with the lock that keeps others out (F28). */
  @Test
  void storageFolderThatIsRemovedIsTakenUpAgain() throws IOException {
    restartWithoutScrub();
    Path data = folder.resolve("data");
    FileUtils.deleteDirectory(data.toFile());
    bench.assertWhole(bench.get());
    await().until(() -> health().contains("\"degraded\":[]"));
    await().until(() -> Files.exists(data.resolve("index/entrepot.mv.db")));
    bench.awaitIdle();
    bench.assertWhole(bench.get());
    bench.assertKept();
    assertThat(bench.files("blobs")).hasSize(1);
    assertThat(data.resolve("store-id")).isNotEmptyFile();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
        .isEqualTo("rwx------");
    assertThatThrownBy(() -> DataFolder.open(data)).hasMessageContaining("another Entrepot");
  }

  private String health() {
    return new String(bench.server().get("/api/health").body(), UTF_8);
  }

  private void restartWithoutScrub() {
    bench.restart(builder -> builder.set("proxy.ttl", "0").set("storage.scrubrate", "0"));
  }

  private void flipAByte() throws IOException {
    Path file = bench.files("blobs").get(0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[1_000_000] ^= 1;
    Files.write(file, bytes);
  }

  private void overwriteDatabase() {
    try (Stream<Path> index = Files.list(folder.resolve("data/index"))) {
      for (Path file : index.toList()) {
        Files.writeString(file, "not a database");
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
