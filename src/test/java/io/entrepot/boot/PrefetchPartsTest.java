package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.cache.prefetch.PrefetchJob;
import io.entrepot.cache.prefetch.PrefetchJob.State;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.SampleImage;
import io.entrepot.oci.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the setting {@code prefetch} fetches. */
class PrefetchPartsTest {
  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();

  @AfterEach
  void stop() {
    upstream.close();
  }

  private Entrepot start(String plan) {
    Entrepot cache =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.revalidate", "1h")
            .set("prefetch", plan)
            .wire();
    cache.start();
    return cache;
  }

  private static List<PrefetchJob> over(Entrepot cache, State state) {
    return cache.prefetches().jobs().jobs().stream().filter(job -> job.state() == state).toList();
  }

  private int gets(Set<Digest> blobs) {
    return blobs.stream().mapToInt(blob -> upstream.blobGets(blob).size()).sum();
  }

  @Test
  void planFetchesTheTagsThatItMeansAndEachBlobOnce() {
    SampleImage image = SampleImage.in(upstream, "team/one", 1);
    SampleImage other = SampleImage.in(upstream, "team/two", 2);
    try (Entrepot cache = start("0 3 29 2 * team/one:v? linux/arm64")) {
      cache.prefetches().runAll();
      await().until(() -> over(cache, State.DONE).size() == 7);
      assertThat(gets(image.blobs().keySet())).as("a configuration and three layers").isEqualTo(4);
      assertThat(gets(other.blobs().keySet())).isZero();
    }
  }

  @Test
  void planFetchesSignaturesOnRequest() {
    SampleImage image = SampleImage.in(upstream, "team/one", 1);
    try (Entrepot cache = start("0 3 * * * team/one:v1 linux/arm64 referrers")) {
      cache.prefetches().runAll();
      await().until(() -> over(cache, State.DONE).size() == 1);
      assertThat(gets(image.blobs().keySet())).as("also those of the signature").isEqualTo(5);
    }
  }

  @Test
  void starInARepositoryMeansThoseThatAreHeld() {
    SampleImage held = SampleImage.in(upstream, "team/one", 1);
    SampleImage.in(upstream, "team/two", 2);
    try (Entrepot cache = start("0 3 * * * team/one:v1 linux/arm64")) {
      cache.prefetches().runAll();
      await().until(() -> over(cache, State.DONE).size() == 1);
    }
    try (Entrepot cache = start("0 3 * * * team/*:v3, 0 3 * * * none/such:v1")) {
      cache.prefetches().runAll();
      await().until(() -> over(cache, State.DONE).size() + over(cache, State.FAILED).size() == 2);
      assertThat(over(cache, State.DONE))
          .extracting(PrefetchPartsTest::image)
          .containsExactly("team/one:v3");
      assertThat(over(cache, State.FAILED))
          .extracting(PrefetchPartsTest::image)
          .containsExactly("none/such:v1");
      assertThat(gets(held.blobs().keySet())).as("both platforms, each blob once").isEqualTo(8);
    }
  }

  private static String image(PrefetchJob job) {
    return job.wish().reference();
  }
}
