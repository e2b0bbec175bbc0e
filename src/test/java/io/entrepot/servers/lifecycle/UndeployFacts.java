package io.entrepot.servers.lifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.servers.OpenPull;
import io.entrepot.servers.lifecycle.WarServer.Deployed;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The checks of an undeployment that are the same on every server (F23). */
interface UndeployFacts {
  int SIZE = 3_000_000;

  /** Of several parts. */
  int LARGE = 24 << 20;

  /** So far ahead that nobody waits until the first part is there. */
  int AHEAD = 16 << 20;

  /** Longer than any server waits by default. */
  Duration LONG = Duration.ofSeconds(4);

  /** Threads of the server's, of the tests' own client and upstream, and of the JVM. */
  Pattern NOT_OURS =
      Pattern.compile(
          "http-nio-.*|Catalina-utility-.*|qtp.*|(Connector-)?Scheduler-.*|HttpClient-.*|fake-server"
              + "|ForkJoinPool\\.commonPool-.*|awaitility-.*");

  Bench bench();

  @Test
  default void deploymentsLeaveNothingBehind() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    for (int i = 0; i < Integer.getInteger("it.cycles", 20); i++) {
      WeakReference<ClassLoader> loader = deployPullUndeploy();
      await()
          .untilAsserted(
              () -> {
                System.gc();
                assertThat(loader.get()).as("class loader").isNull();
              });
      assertThat(Thread.getAllStackTraces().keySet())
          .filteredOn(thread -> !before.contains(thread))
          .extracting(Thread::getName)
          .allMatch(NOT_OURS.asMatchPredicate());
    }
  }

  private WeakReference<ClassLoader> deployPullUndeploy() throws Exception {
    Bench bench = bench();
    byte[] bytes = bench.random(SIZE);
    Digest blob = bench.upstream.putBlob("team/app", bytes);
    Digest manifest = bench.putManifest("v1");
    Gate gate = bench.upstream.hold(blob, SIZE / 2);
    Deployed deployed = bench.deploy();

    var cold = bench.getLater(deployed, Bench.path(blob));
    gate.awaitReached();
    var joined = bench.getLater(deployed, Bench.path(blob));
    gate.release();
    assertThat(cold.get(60, TimeUnit.SECONDS).body()).isEqualTo(bytes);
    assertThat(joined.get(60, TimeUnit.SECONDS).body()).isEqualTo(bytes);
    bench.awaitStored(deployed, blob);
    for (String path :
        new String[] {
          "/v2/team/app/manifests/v1",
          "/v2/team/app/manifests/" + manifest,
          "/v2/team/app/tags/list",
          "/v2/_catalog",
          "/v2/team/app/referrers/" + manifest,
          "/api/health",
          "/api/stats",
          "/metrics"
        }) {
      assertThat(bench.get(deployed, path).statusCode()).as(path).isEqualTo(200);
    }
    assertThat(bench.get(deployed, "/v2/team/app/manifests/none").statusCode()).isEqualTo(404);

    WeakReference<ClassLoader> loader = new WeakReference<>(deployed.classLoader());
    deployed.undeploy();
    return loader;
  }

  @Test
  default void pullsUnderWayComeToTheirEnd() throws Exception {
    Bench bench = bench();
    byte[] bytes = bench.random(SIZE);
    Digest blob = bench.upstream.putBlob("team/app", bytes);
    Gate gate = bench.upstream.hold(blob, SIZE / 2);
    Deployed deployed = bench.deploy("http.draintimeout", "60s");
    try (OpenPull cold = new OpenPull(deployed.uri(), Bench.path(blob));
        OpenPull joined = new OpenPull(deployed.uri(), Bench.path(blob))) {
      CompletableFuture<Void> undeploy = undeployLater(deployed);
      await().during(LONG).atMost(LONG.plusSeconds(30)).until(() -> !undeploy.isDone());

      assertThat(bench.get(deployed, "/v2/").statusCode()).as("a new request").isIn(404, 503);
      gate.release();

      assertThat(cold.read()).isEqualTo(bytes);
      assertThat(joined.read()).isEqualTo(bytes);
      undeploy.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  default void pullThatTakesTooLongIsCutShort() throws Exception {
    Bench bench = bench();
    byte[] bytes = bench.random(SIZE);
    Digest blob = bench.upstream.putBlob("team/app", bytes);
    Gate gate = bench.upstream.hold(blob, SIZE / 2);
    Deployed deployed = bench.deploy("http.draintimeout", "1s");
    WeakReference<ClassLoader> loader = new WeakReference<>(deployed.classLoader());
    try (OpenPull pull = new OpenPull(deployed.uri(), Bench.path(blob))) {
      undeployLater(deployed).get(60, TimeUnit.SECONDS);

      byte[] got = pull.read();
      assertThat(pull.contentLength()).isEqualTo(SIZE);
      assertThat(got.length).isLessThan(SIZE);
      assertThat(got).isEqualTo(Arrays.copyOf(bytes, got.length));
    }
    gate.release();
    await().until(() -> bench.upstream.openConnections() == 0);
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(loader.get()).isNull();
            });
  }

  /** One connection fetches the first bytes, another one those that a client has asked for. */
  @Test
  default void partsUnderWayAreCutShortAndTheNextDeploymentGoesOn() throws Exception {
    Bench bench = bench();
    byte[] bytes = bench.random(LARGE);
    Digest blob = bench.upstream.putBlob("team/app", bytes);
    Gate first = new Gate();
    Gate second = new Gate();
    Predicate<Recorded> gets = Recorded.blobGet(blob);
    bench.upstream.inject(gets.and(get -> get.header("Range") == null), Fault.gate(first, SIZE));
    bench.upstream.inject(gets.and(get -> get.header("Range") != null), Fault.gate(second, SIZE));
    Deployed deployed = bench.deploy("http.draintimeout", "1s");
    try (OpenPull whole = new OpenPull(deployed.uri(), Bench.path(blob));
        OpenPull part =
            OpenPull.from(
                "127.0.0.1", deployed.uri(), Bench.path(blob), "Range: bytes=" + AHEAD + "-\r\n")) {
      first.awaitReached();
      second.awaitReached();
      undeployLater(deployed).get(60, TimeUnit.SECONDS);

      assertCutShort(bytes, 0, whole);
      assertCutShort(bytes, AHEAD, part);
    }
    first.release();
    second.release();
    await().until(() -> bench.upstream.openConnections() == 0);
    bench.upstream.clearFaults();
    bench.upstream.clearRequests();

    deployed = bench.deploy();
    assertThat(bench.get(deployed, Bench.path(blob)).body()).isEqualTo(bytes);
    assertThat(bench.upstream.blobGets(blob))
        .as("the rest")
        .allMatch(get -> get.header("Range") != null);
    bench.awaitStored(deployed, blob);
    deployed.undeploy();
  }

  private static void assertCutShort(byte[] bytes, int offset, OpenPull pull) throws IOException {
    byte[] got = pull.read();
    assertThat(pull.contentLength()).isEqualTo(bytes.length - offset);
    assertThat(got.length).isLessThan(bytes.length - offset);
    assertThat(got).isEqualTo(Arrays.copyOfRange(bytes, offset, offset + got.length));
  }

  @Test
  default void waitingRequestGetsUnavailable() throws Exception {
    Bench bench = bench();
    Digest blob = bench.upstream.putBlob("team/app", bench.random(SIZE));
    bench.upstream.inject(Recorded.blobGet(blob), Fault.slowHead(Duration.ofMinutes(1)));
    Deployed deployed = bench.deploy("http.draintimeout", "1s");
    var waiting = bench.getLater(deployed, Bench.path(blob));
    await().until(() -> !bench.upstream.requests(Recorded.blobGet(blob)).isEmpty());

    undeployLater(deployed).get(60, TimeUnit.SECONDS);

    HttpResponse<byte[]> answer = waiting.get(60, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).hasValue("10");
    assertThat(new String(answer.body(), UTF_8)).contains("\"code\":\"UNAVAILABLE\"");
  }

  @Test
  default void twoHostsDoNotMeet() throws Exception {
    Bench bench = bench();
    try (FakeRegistry otherUpstream = FakeRegistry.start()) {
      byte[] bytes = bench.random(SIZE);
      byte[] others = bench.random(SIZE);
      Digest blob = bench.upstream.putBlob("team/app", bytes);
      Digest othersBlob = otherUpstream.putBlob("team/app", others);
      Gate gate = otherUpstream.hold(othersBlob, SIZE / 2);
      Deployed one = bench.deploy("localhost", bench.upstream);
      Deployed other = bench.deploy("127.0.0.1", otherUpstream);
      try (OpenPull pull = new OpenPull(other.uri(), Bench.path(othersBlob))) {
        assertThat(bench.get(one, Bench.path(blob)).body()).isEqualTo(bytes);
        assertThat(bench.get(one, Bench.path(othersBlob)).statusCode()).isEqualTo(404);
        assertThat(bench.get(other, Bench.path(blob)).statusCode()).isEqualTo(404);

        one.undeploy();
        gate.release();

        assertThat(pull.read()).isEqualTo(others);
        assertThat(bench.get(other, "/api/health").statusCode()).isEqualTo(200);
        assertThat(bench.get(other, Bench.path(blob)).statusCode()).isEqualTo(404);
      }
      other.undeploy();
    }
  }

  private static CompletableFuture<Void> undeployLater(Deployed deployed) {
    return Background.run(
        () -> {
          try {
            deployed.undeploy();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
