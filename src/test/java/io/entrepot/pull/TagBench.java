package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Digest;
import io.entrepot.oci.NamePattern;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.TagRule;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An upstream with one repository, a cache in front of it with rules, and a clock that tests can
 * move.
 */
final class TagBench implements AutoCloseable {
  static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  static final TagRule RELEASES = TagRule.immutable(new NamePattern("v*.*.*"));

  final TestClock clock = new TestClock();
  final FakeRegistry upstream = FakeRegistry.start();
  private final Path folder;
  private @Nullable TestServer server;

  /** Starts the clock so many days before now, because leases use the system's time. */
  TagBench(Path folder, int daysAgo) {
    this.folder = folder;
    clock.advance(Duration.between(clock.instant(), Instant.now().minus(Duration.ofDays(daysAgo))));
  }

  /** Starts, or starts again. Nothing expires. */
  void start(UnaryOperator<TestServer.Builder> policies) {
    start(policies, builder -> builder.clock(clock).set("proxy.ttl", "0"));
  }

  void start(
      UnaryOperator<TestServer.Builder> policies, UnaryOperator<TestServer.Builder> changes) {
    stop();
    upstream.clearRequests();
    TestServer.Builder builder = new TestServer.Builder(folder, upstream.uri());
    server = changes.apply(policies.apply(builder)).start();
    await().until(() -> !upstream.requests().isEmpty()); // the warm-up does not count in any budget
    upstream.clearRequests();
  }

  /**
   * Starts with the real clock, so that content pulled a week ago expires, and waits until it has
   * expired.
   */
  void expire(
      UnaryOperator<TestServer.Builder> policies, UnaryOperator<TestServer.Builder> changes) {
    start(
        policies,
        builder ->
            changes.apply(
                builder
                    .clock(Clock.systemUTC())
                    .set("proxy.ttl", "168h")
                    .set("storage.unlinkgrace", "0s")));
  }

  /** Starts with a clock in the past and the ttl of {@link #expire}. */
  void startLongAgo(
      UnaryOperator<TestServer.Builder> policies, UnaryOperator<TestServer.Builder> changes) {
    start(policies, builder -> changes.apply(builder.clock(clock).set("proxy.ttl", "36500d")));
  }

  TestServer server() {
    return java.util.Objects.requireNonNull(server);
  }

  void stop() {
    if (server != null) {
      server.close();
      server = null;
    }
  }

  @Override
  public void close() {
    stop();
    upstream.close();
  }

  /**
   * Makes the tag point to a manifest with this name, and moves the clock, so that no two pushes
   * have the same time.
   */
  Digest push(String tag, String name) {
    clock.advance(Duration.ofMillis(1));
    return upstream.putManifest("team/app", tag, IMAGE, manifest(name));
  }

  static byte[] manifest(String name) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + IMAGE
            + "\",\"annotations\":{\"n\":\""
            + name
            + "\"},\"layers\":[]}")
        .getBytes(UTF_8);
  }

  static String path(Object reference) {
    return "/v2/team/app/manifests/" + reference;
  }

  HttpResponse<byte[]> pull(Object reference) {
    return server().get(path(reference));
  }

  /** The name of the pulled manifest and the outcome, such as {@code one hit}. */
  String pulled(Object reference) {
    HttpResponse<byte[]> response = pull(reference);
    String text = text(response);
    int name = text.indexOf("\"n\":\"") + "\"n\":\"".length();
    return response.statusCode() != 200
        ? String.valueOf(response.statusCode())
        : text.substring(name, text.indexOf('"', name)) + " " + detail(response);
  }

  static String detail(HttpResponse<?> response) {
    String status = response.headers().firstValue("Cache-Status").orElse("");
    return status.substring(status.indexOf("detail=") + "detail=".length());
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  /** The requests to the upstream since the last call. */
  List<String> asked() {
    List<String> asked =
        upstream.requests().stream().map(r -> r.method() + " " + r.path()).toList();
    upstream.clearRequests();
    return asked;
  }

  String metrics() {
    return text(server().get("/metrics"));
  }

  static UnaryOperator<TestServer.Builder> fresh(Freshness freshness) {
    return builder ->
        builder
            .set("proxy.revalidate", text(freshness.revalidate()))
            .set("proxy.tags", text(freshness.rules()))
            .set("proxy.maxage", text(freshness.maxAge()))
            .set("proxy.stalewindow", text(freshness.staleWindow()))
            .set("proxy.negative", text(freshness.negative()))
            .set("proxy.keepdeleted", String.valueOf(freshness.keepDeleted()));
  }

  private static String text(Duration duration) {
    return duration.toMillis() + "ms";
  }

  private static String text(List<TagRule> rules) {
    return rules.stream()
        .map(
            rule ->
                rule.tags().pattern()
                    + "="
                    + rule.revalidate().map(TagBench::text).orElse("immutable"))
        .collect(Collectors.joining(","));
  }

  static UnaryOperator<TestServer.Builder> immutableReleases() {
    Duration none = Duration.ZERO;
    return fresh(new Freshness(none, List.of(RELEASES), none, none, none, false, Duration.ZERO));
  }

  static UnaryOperator<TestServer.Builder> cooling(Duration cooling) {
    return builder -> builder.set("proxy.cooling", text(cooling));
  }

  static UnaryOperator<TestServer.Builder> pinned(String... pins) {
    return builder -> builder.set("expiry.pins", String.join(",", pins));
  }
}
