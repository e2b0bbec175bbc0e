package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.admin.EntrepotMXBean;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Gate;
import io.entrepot.oci.Digest;
import io.entrepot.pull.BlobBench;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JMX bean of a cache. */
@Timeout(60)
class ManagementTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String NAME =
      "io.entrepot:type=Entrepot,host=\"Tomcat/localhost\",context=\"/\"";

  @TempDir Path folder;
  private final MBeanServer jvm = ManagementFactory.getPlatformMBeanServer();
  private FakeRegistry upstream;
  private TestServer server;

  @BeforeEach
  void start() {
    upstream = FakeRegistry.start();
    server = cache("a").start();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  private TestServer.Builder cache(String name) {
    return new TestServer.Builder(folder.resolve(name), upstream.uri())
        .set("storage.unlinkgrace", "0s");
  }

  private EntrepotMXBean bean() throws Exception {
    return JMX.newMXBeanProxy(jvm, new ObjectName(NAME), EntrepotMXBean.class);
  }

  private Set<ObjectName> names() throws Exception {
    return jvm.queryNames(new ObjectName("io.entrepot:*"), null);
  }

  private Digest pullBlob(String repository, byte[] bytes) {
    Digest digest = upstream.putBlob(repository, bytes);
    assertThat(server.get("/v2/" + repository + "/blobs/" + digest).statusCode()).isEqualTo(200);
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    return digest;
  }

  private long storedBlobs() {
    try (Stream<Path> all = Files.walk(folder.resolve("a/data/blobs"))) {
      return all.filter(Files::isRegularFile).count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitEviction() {
    await().until(() -> storedBlobs() == 0);
    await().until(() -> server.stats().contains("\"evictions\":1"));
  }

  @Test
  void attributesAreThoseOfTheStatistics() throws Exception {
    pullBlob("team/app", new byte[70_000]);
    assertThat(server.get("/v2/team/app/blobs/" + upstream.putBlob("x/y", new byte[5])))
        .returns(404, answer -> answer.statusCode());
    JsonNode stats = new ObjectMapper().readTree(server.stats());

    assertThat(bean().getUpstream()).isEqualTo(stats.get("upstream").asText());
    assertThat(bean().getUptimeSeconds()).isBetween(0L, 60L);
    assertThat(bean().getHeldBlobs()).isEqualTo(1).isEqualTo(held(stats, "blobs"));
    assertThat(bean().getHeldBytes()).isEqualTo(70_000).isEqualTo(held(stats, "bytes"));
    assertThat(bean().getHeldManifests()).isZero().isEqualTo(held(stats, "manifests"));
    assertThat(bean().getHeldRepositories()).isEqualTo(1).isEqualTo(held(stats, "repositories"));
    assertThat(bean().getHeldTags()).isZero().isEqualTo(held(stats, "tags"));
    assertThat(bean().getLeases()).isEqualTo(1).isEqualTo(stats.get("leases").asLong());
    assertThat(bean().getFillsInFlight()).isZero();
    assertThat(bean().getPulledBytes()).isEqualTo(70_000).isEqualTo(count(stats, "pulledBytes"));
    assertThat(bean().getPushedBytes())
        .isGreaterThan(70_000)
        .isEqualTo(count(stats, "pushedBytes"));
    assertThat(bean().getEvictions()).isZero();
    assertThat(bean().isReady()).isTrue();
    assertThat(bean().getTroubles()).isEmpty();
    assertThat(bean().getNodesUp()).isEmpty();
    assertThat(bean().getNodesDown()).isEmpty();
    assertThat(bean().getReceivedBytes()).isZero();
  }

  private static long held(JsonNode stats, String name) {
    return stats.get("held").get(name).asLong();
  }

  private static long count(JsonNode stats, String name) {
    return stats.get(name).asLong();
  }

  @Test
  void troublesAreThoseOfTheHealth() throws Exception {
    upstream.close();
    server.get("/v2/team/app/blobs/" + Digest.ofBytes(Digest.Algorithm.SHA256, new byte[1]));

    assertThat(bean().isReady()).isTrue();
    assertThat(bean().getTroubles()).singleElement().asString().startsWith("upstream: ");
  }

  @Test
  void blobOfOneRepositoryGoesFromTheDiskAndIsFetchedAnew() throws Exception {
    Digest blob = pullBlob("team/app", new byte[1_000]);

    assertThat(bean().evict("team/app@" + blob)).isEqualTo(1);
    awaitEviction();
    assertThat(bean().evict("team/app@" + blob)).isZero();
    pullBlob("team/app", new byte[1_000]);
    assertThat(upstream.blobGets(blob)).hasSize(2);
  }

  /** A console that attaches to the JVM calls on threads that know no class of ours. */
  @Test
  void threadWithoutAClassLoaderMayAskAndEvict() throws Exception {
    Digest blob = pullBlob("team/app", new byte[1_000]);
    ObjectName name = new ObjectName(NAME);
    Object[] argument = {"team/app@" + blob};
    FutureTask<List<Object>> console =
        new FutureTask<>(
            () ->
                List.of(
                    jvm.getAttributes(name, new String[] {"Leases", "HeldBlobs"}).size(),
                    jvm.invoke(name, "evict", argument, new String[] {"java.lang.String"}),
                    Optional.ofNullable(Thread.currentThread().getContextClassLoader())));
    Thread thread = new Thread(console);
    thread.setContextClassLoader(null);
    thread.start();

    assertThat(console.get(20, TimeUnit.SECONDS)).containsExactly(2, 1, Optional.empty());
    awaitEviction();
  }

  @Test
  void withoutATtlEvictionIsTheSame() throws Exception {
    server.close();
    server = cache("a").set("proxy.ttl", "0").start();
    Digest blob = pullBlob("team/app", new byte[1_000]);

    assertThat(bean().evict("team/app@" + blob)).isEqualTo(1);
    awaitEviction();
  }

  @Test
  void bytesStayForTheOtherRepository() throws Exception {
    Digest blob = pullBlob("team/app", new byte[1_000]);
    pullBlob("team/other", new byte[1_000]);

    assertThat(bean().evict("team/app@" + blob)).isEqualTo(1);
    upstream.clearRequests();
    assertThat(server.get("/v2/team/other/blobs/" + blob).body()).hasSize(1_000);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void digestGoesFromAllRepositories() throws Exception {
    Digest blob = pullBlob("team/app", new byte[1_000]);
    pullBlob("team/other", new byte[1_000]);

    assertThat(bean().evict(blob.toString())).isEqualTo(2);
    awaitEviction();
  }

  @Test
  void tagGoesWithItsManifest() throws Exception {
    byte[] manifest =
        ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"layers\":[]}")
            .getBytes(StandardCharsets.UTF_8);
    upstream.putManifest("team/app", "1.0", MANIFEST, manifest);
    assertThat(server.get("/v2/team/app/manifests/1.0").statusCode()).isEqualTo(200);

    assertThat(bean().evict("team/app:2.0")).isZero();
    assertThat(bean().evict("team/app:1.0")).isEqualTo(1);
    awaitEviction();
    assertThat(server.stats()).contains("\"tags\":0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "team/app", "team/app:", "TEAM:1", "sha256:00", "team/app@1.0", "@:"})
  void evictWithoutAReferenceIsRefused(String what) throws Exception {
    EntrepotMXBean bean = bean();
    assertThatThrownBy(() -> bean.evict(what)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void secondDeploymentHasANameOfItsOwnAndNoneStays() throws Exception {
    TestServer second = cache("b").start();
    assertThat(names())
        .containsExactlyInAnyOrder(new ObjectName(NAME), new ObjectName(NAME + ",instance=2"));

    second.close();
    assertThat(names()).containsExactly(new ObjectName(NAME));
    server.close();
    assertThat(names()).isEmpty();
    server = cache("c").start();
  }

  @Test
  void drainRefusesRequestsAndLetsThoseUnderWayEnd() throws Exception {
    server.close();
    server = cache("a").set("http.draintimeout", "1s").start();
    byte[] bytes = BlobBench.random(3_000_000);
    Digest blob = upstream.putBlob("team/app", bytes);
    Gate gate = upstream.hold(blob, 1_000_000);
    String path = "/v2/team/app/blobs/" + blob;
    CompletableFuture<HttpResponse<byte[]>> pull = Background.supply(() -> server.get(path));
    gate.awaitReached();
    upstream.clearRequests();

    bean().drain();

    HttpResponse<byte[]> refused = server.get(path);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("10");
    assertThat(server.get("/v2/").statusCode()).isEqualTo(503);
    assertThat(server.get("/api/health").statusCode()).isEqualTo(503);
    assertThat(bean().isReady()).isFalse();
    assertThat(bean().getTroubles())
        .singleElement()
        .asString()
        .contains("about to stop, with 1 unfinished requests");
    // The cache is not stopped, so nothing is cut off after the drain timeout.
    await().during(Duration.ofSeconds(2)).until(() -> !pull.isDone());
    gate.release();
    assertThat(pull.get(20, TimeUnit.SECONDS).body()).isEqualTo(bytes);
    assertThat(upstream.requests()).isEmpty();

    bean().drain();
    assertThat(server.get("/v2/").statusCode()).isEqualTo(503);
    server.close();
    server = cache("a").start();
    assertThat(server.get(path).body()).isEqualTo(bytes);
    assertThat(bean().isReady()).isTrue();
  }

  @Test
  void drainIsHandedOn() {
    try (Entrepot entrepot = cache("b").wire()) {
      EntrepotMXBean bean = entrepot.admin().bean();
      assertThat(bean.isReady()).isTrue();
      bean.drain();
      assertThat(bean.isReady()).isFalse();
    }
  }
}
