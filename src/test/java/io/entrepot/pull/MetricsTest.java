package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.entrepot.admin.ClusterMeters;
import io.entrepot.admin.ClusterStatistics;
import io.entrepot.boot.TestServer;
import io.entrepot.cluster.Membership;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Metrics;
import io.entrepot.oci.Digest;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a scrape says after a blob was pulled three times, a tag once, and one failed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsTest {
  private static final String OPEN_METRICS =
      "application/openmetrics-text;version=1.0.0;charset=utf-8";
  private static final String TEXT = "text/plain;version=0.0.4;charset=utf-8";
  private static final byte[] BLOB = "a small blob".getBytes(UTF_8);
  private static final byte[] MANIFEST = "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8);

  private static final Pattern METRIC = Pattern.compile("\\b(entrepot|jvm|process|system)_\\w+");

  private FakeRegistry upstream;
  private TestServer server;
  private String host;

  @BeforeAll
  void pull(@TempDir Path folder) {
    upstream = FakeRegistry.start();
    host = upstream.uri().getAuthority();
    Digest blob = upstream.putBlob(BLOB);
    upstream.putManifest(
        "hidden/name", "v1", "application/vnd.oci.image.manifest.v1+json", MANIFEST);
    server = new TestServer.Builder(folder, upstream.uri()).set("proxy.quota", "1GiB").start();
    for (int i = 0; i < 3; i++) {
      assertThat(server.get("/v2/hidden/name/blobs/" + blob).body()).isEqualTo(BLOB);
      await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    }
    assertThat(server.get("/v2/hidden/name/manifests/v1").body()).isEqualTo(MANIFEST);
    assertThat(server.get("/v2/hidden/name/manifests/none").statusCode()).isEqualTo(404);
    // What is stored is counted after a scrape, for the next one.
    await().until(() -> stored() == BLOB.length + MANIFEST.length);
  }

  private double stored() {
    return text().sum("entrepot_stored_bytes", "upstream", host);
  }

  @AfterAll
  void stop() {
    server.close();
    upstream.close();
  }

  private Metrics text() {
    return Metrics.ofText(body(server.get("/metrics")));
  }

  private static String body(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  @Test
  void requestsAndFirstBytesAreInHistograms() {
    Metrics metrics = text();
    for (String name : List.of("entrepot_requests_seconds", "entrepot_first_byte_seconds")) {
      assertThat(metrics.sum(name + "_count", "kind", "blob", "outcome", "hit")).isEqualTo(2);
      assertThat(metrics.sum(name + "_count", "kind", "blob", "outcome", "miss")).isEqualTo(1);
      assertThat(metrics.sum(name + "_bucket", "kind", "blob", "outcome", "hit", "le", "+Inf"))
          .isEqualTo(2);
      assertThat(metrics.sum(name + "_bucket", "kind", "blob", "outcome", "hit", "le", "300.0"))
          .isEqualTo(2);
    }
  }

  @Test
  void callsToAnUpstreamAreInAHistogramOfThatUpstream() {
    String name = "entrepot_upstream_calls_seconds_bucket";
    assertThat(text().sum(name, "upstream", host, "kind", "blob", "outcome", "ok", "le", "+Inf"))
        .isEqualTo(1);
    assertThat(text().sum(name, "upstream", host, "outcome", "not_found", "le", "+Inf"))
        .isEqualTo(1);
    assertThat(text().sum("entrepot_upstream_breaker", "upstream", host)).isZero();
  }

  /** The first client caused the fetch, so its bytes are not saved. */
  @Test
  void bytesThatWereNotFetchedForAClientAreSaved() {
    assertThat(text().sum("entrepot_saved_bytes_total")).isEqualTo(2 * BLOB.length);
    assertThat(text().sum("entrepot_pulled_bytes_total", "kind", "blob")).isEqualTo(BLOB.length);
    assertThat(text().sum("entrepot_pushed_bytes_total", "kind", "blob"))
        .isEqualTo(3 * BLOB.length);
  }

  @Test
  void storageTellsItsSpace() {
    assertThat(stored()).isEqualTo(BLOB.length + MANIFEST.length);
    assertThat(text().sum("entrepot_disk_free_bytes")).isPositive();
    assertThat(text().sum("entrepot_disk_size_bytes"))
        .isGreaterThan(text().sum("entrepot_disk_free_bytes"));
  }

  @Test
  void processAndBuildAreThere() {
    Metrics metrics = text();
    assertThat(metrics.sum("entrepot_build_info", "java", Runtime.version().toString()))
        .isEqualTo(1);
    assertThat(metrics.sum("jvm_memory_used_bytes", "area", "heap")).isPositive();
    assertThat(metrics.sum("jvm_threads_live_threads")).isPositive();
    assertThat(metrics.sum("process_start_time_seconds")).isPositive();
    assertThat(metrics.sum("process_cpu_time_ns_total")).isPositive();
    assertThat(metrics.sum("process_files_open_files")).isPositive();
    assertThat(names(metrics)).contains("jvm_gc_memory_allocated_bytes_total");
  }

  private static Set<String> names(Metrics metrics) {
    return metrics.samples().stream().map(Metrics.Sample::name).collect(Collectors.toSet());
  }

  /** Their number would have no bound, and a scrape would tell who pulls what. */
  @Test
  void noLabelIsARepository() {
    Metrics metrics = text();
    assertThat(metrics.samples())
        .allSatisfy(s -> assertThat(s.labels().values()).noneMatch(v -> v.contains("hidden")))
        .allSatisfy(s -> assertThat(s.labels().keySet()).doesNotContain("repository", "name"));
  }

  /** As strictly read, both formats say the same, by other names of the families. */
  @Test
  void bothFormatsHaveTheSameSamples() {
    HttpResponse<byte[]> open =
        server.get("/metrics", "Accept", "application/openmetrics-text;version=1.0.0,*/*;q=0.1");
    assertThat(open.headers().firstValue("Content-Type")).hasValue(OPEN_METRICS);
    assertThat(open.headers().firstValue("Vary")).hasValue("Accept");
    assertThat(names(Metrics.ofOpenMetrics(body(open)))).containsAll(names(text()));
  }

  /** A dashboard or an alert with a misspelt name shows nothing, and nobody notices. */
  @ParameterizedTest
  @ValueSource(strings = {"ops/grafana/entrepot.json", "ops/prometheus/alerts.yml"})
  void everyMetricThatADashboardOrAnAlertNamesExists(String file) throws IOException {
    System.gc(); // the metrics of pauses begin with the first
    Set<String> used = used(file);
    assertThat(used).hasSizeGreaterThan(10);
    await()
        .untilAsserted(
            () -> {
              Set<String> there = names(text());
              there.addAll(namesInACluster());
              assertThat(there).containsAll(used);
            });
  }

  /** This server is alone and has no bucket, so it has none of these. */
  private static Set<String> namesInACluster() {
    ClusterStatistics.Members members =
        new ClusterStatistics.Members() {
          @Override
          public String self() {
            return "a";
          }

          @Override
          public List<Membership.Node> nodes() {
            return List.of();
          }

          @Override
          public Map<String, Long> claims() {
            return Map.of();
          }

          @Override
          public Optional<Duration> lag() {
            return Optional.empty();
          }

          @Override
          public long received() {
            return 0;
          }
        };
    ClusterStatistics.BucketState bucket =
        new ClusterStatistics.BucketState("goods", 0, 0, 0, 0, null, null);
    ClusterStatistics statistics =
        new ClusterStatistics(
            Optional.of(members), Optional.of(() -> bucket), List::of, Clock.systemUTC());
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new ClusterMeters(statistics, Runnable::run).register(meters);
    return names(Metrics.ofText(meters.scrape(TEXT)));
  }

  @Test
  void serverThatIsAloneHasNoMetricsOfACluster() {
    assertThat(names(text())).noneMatch(name -> name.startsWith("entrepot_cluster_"));
    assertThat(namesInACluster()).hasSize(8);
  }

  private static Set<String> used(String file) throws IOException {
    return new YAMLMapper()
        .readTree(Path.of(file).toFile()).findValuesAsText("expr").stream()
            .flatMap(expression -> METRIC.matcher(expression).results())
            .map(MatchResult::group)
            .collect(Collectors.toSet());
  }

  /** What no scraper sends is answered in the format that everybody reads. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/openmetrics-text | true",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
            + " | true",
        "Application/OpenMetrics-Text ; Q=0.5 | true",
        "application/openmetrics-text;q=0.2,text/plain;q=0.9 | false",
        "application/openmetrics-text;q=0 | false",
        "application/openmetrics-text;q=x | false",
        "application/openmetrics-textual | false",
        "text/plain | false",
        "*/* | false",
        ";,;,, | false"
      })
  void formatIsTheOneThatIsPreferred(String accept, boolean open) {
    HttpResponse<byte[]> answer = server.head("/metrics", "Accept", accept);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(open ? OPEN_METRICS : TEXT);
  }
}
