package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.wire.RedirectTargets;
import io.entrepot.upstream.wire.Timeouts;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where redirects lead, and what goes with them (S2, F14). */
@Timeout(60)
class RedirectTest {
  private static final byte[] BYTES = "0123456789".getBytes(UTF_8);

  private final Bench bench = new Bench();
  private final FakeRegistry registry = bench.registry;
  private final Digest digest = registry.putBlob(BYTES);
  private final Predicate<Recorded> blob = Recorded.blob(digest);
  private final Predicate<Recorded> atRegistry = blob.and(r -> r.path().startsWith("/v2/"));
  private final Predicate<Recorded> elsewhere = blob.and(r -> r.path().startsWith("/cdn/"));

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void redirectIsFollowedWithoutTheAuthorization() throws Exception {
    registry.requireTokens().clock(bench.clock);
    registry.redirectBlobs();
    HttpRegistry upstream = bench.upstream();

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);

    assertThat(bench.cost.requests()).isEqualTo(4);
    assertThat(registry.requests(blob).get(1).header("Authorization")).startsWith("Bearer ");
    Recorded last = registry.redirectedRequests().get(0);
    assertThat(last.headers()).doesNotContainKey("authorization");
    assertThat(last.query()).isEqualTo("X-Signature=presigned-secret");
  }

  @Test
  void passwordDoesNotFollowARedirect() throws Exception {
    registry.requireBasic("ann", "hunter2");
    registry.redirectBlobs();

    bench.fetch(bench.upstream(new Credentials.Password("ann", "hunter2")), digest);

    assertThat(registry.redirectedRequests().get(0).headers()).doesNotContainKey("authorization");
  }

  @Test
  void authorizationStaysOnTheOwnOrigin() throws Exception {
    registry.requireTokens().clock(bench.clock);
    registry.inject(
        atRegistry.and(r -> r.path().contains("/library/") && r.header("Authorization") != null),
        Fault.redirect("/v2/library/alpine/blobs/" + digest + "?moved=%2Fyes+"),
        1);

    assertThat(bench.fetch(bench.upstream(), digest)).isEqualTo(BYTES);

    Recorded last = registry.requests().get(registry.requests().size() - 1);
    assertThat(last.header("Authorization")).startsWith("Bearer ");
    assertThat(last.query()).isEqualTo("moved=%2Fyes+");
  }

  @Test
  void whatNoUrlMayContainIsEscaped() throws Exception {
    registry.inject(
        atRegistry.and(r -> r.query() == null),
        Fault.redirect("/v2/library/alpine/blobs/" + digest + "?name=\"a b|c\"&kept=%2F&100%"),
        1);

    assertThat(bench.fetch(bench.upstream(), digest)).isEqualTo(BYTES);

    assertThat(registry.requests().get(registry.requests().size() - 1).query())
        .isEqualTo("name=%22a%20b%7Cc%22&kept=%2F&100%25");
  }

  @Test
  void rangeFollowsTheRedirect() throws Exception {
    registry.redirectBlobs();

    try (UpstreamBody body =
        bench.upstream().fetchBlob(REPOSITORY, digest, new FetchRange(4, 5, null), bench.cost)) {
      assertThat(body.stream().readAllBytes()).isEqualTo("45".getBytes(UTF_8));
      assertThat(body.offset()).isEqualTo(4);
    }
  }

  @Test
  void fiveRedirectsAreFollowedAndNotSix() throws Exception {
    chain(5);
    assertThat(bench.fetch(bench.upstream(), digest)).isEqualTo(BYTES);
    assertThat(bench.cost.requests()).isEqualTo(6);

    registry.clearFaults();
    chain(6);
    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("one too many");
    assertThat(bench.cost.requests()).isEqualTo(12);
  }

  private void chain(int length) {
    for (int i = 0; i < length; i++) {
      String here = i == 0 ? null : "hop=" + i;
      registry.inject(
          atRegistry.and(r -> Objects.equals(r.query(), here)),
          Fault.redirect(registry.uri() + "/v2/a/blobs/" + digest + "?hop=" + (i + 1)));
    }
  }

  @Test
  void ringIsSeenAtOnce() {
    registry.inject(atRegistry.and(r -> r.query() == null), Fault.redirect("?x=1"));
    registry.inject(
        atRegistry.and(r -> r.query() != null),
        Fault.redirect("/v2/library/alpine/blobs/" + digest));

    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("a loop");
    assertThat(bench.cost.requests()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://user:pw@127.0.0.1/",
        "::",
        "http:///x"
      })
  void redirectToWhatIsNoHttpUrlIsInvalid(String location) {
    registry.inject(atRegistry, Fault.redirect(location));

    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("a redirect to something that is no");
    assertThat(bench.cost.requests()).isEqualTo(1);
  }

  @Test
  void redirectToNowhereIsInvalid() {
    registry.inject(atRegistry, Fault.redirect("x"));
    registry.inject(atRegistry, Fault.withoutHeader("Location"));

    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("a redirect without Location");
  }

  /** The upstream is on the loopback, so it may lead there, but not further inside (S35). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]:8080/",
        "http://10.255.255.1/",
        "http://[::ffff:10.255.255.1]/",
        "http://167837697/",
        "https://192.168.255.254/",
        "http://100.100.100.200/",
        "http://[fd00:ec2::254]/"
      })
  void redirectIntoAnotherPartOfTheNetworkIsNotFollowed(String location) {
    registry.inject(atRegistry, Fault.redirect(location + "secret?a=b"));

    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("is not sent: ")
        .hasMessageContaining(" address ")
        .satisfies(e -> assertThat(e.isOfTarget()).isTrue())
        .satisfies(e -> assertThat(e.words()).isEmpty());
  }

  @Test
  void namedPlaceOfTheNetworkIsAsked() {
    registry.inject(atRegistry, Fault.redirect("http://10.255.255.1:9/x"));
    RedirectTargets named = RedirectTargets.of(List.of("10.255.0.0/16"));
    Timeouts t = Bench.TIMEOUTS;
    Timeouts hasty =
        new Timeouts(Duration.ofMillis(50), t.response(), t.idle(), t.lease(), t.total());
    HttpRegistry upstream =
        bench.upstream(o -> o.wire(w -> w.withTimeouts(hasty).withRedirects(named)));

    // What is there depends on the network of the machine.
    assertThatThrownBy(() -> bench.fetch(upstream, digest))
        .isInstanceOf(UpstreamException.class)
        .hasMessageStartingWith("GET http://10.255.255.1:9/x failed");
  }

  @ParameterizedTest
  @CsvSource({
    "401,DENIED",
    "403,DENIED",
    "404,NOT_FOUND",
    "416,INVALID",
    "500,UNREACHABLE",
    "429,THROTTLED"
  })
  void whatLiesElsewhereHasNoSayInOurRights(int status, Failure failure) {
    registry.requireTokens().clock(bench.clock);
    URI there = registry.redirectBlobs();
    registry.inject(elsewhere, Fault.status(status));

    assertFails(failure, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageStartingWith("GET " + there + "/cdn/" + digest + " failed: " + status)
        .hasMessageNotContaining("presigned-secret");
    assertThat(registry.tokenRequests()).hasSize(1);
  }

  @Test
  void presignedQueryIsInNoMessage() {
    registry.redirectBlobs();
    registry.inject(elsewhere, Fault.slowHead(Duration.ofSeconds(20)));
    Timeouts t = Bench.TIMEOUTS;
    Timeouts hasty =
        new Timeouts(t.connect(), Duration.ofMillis(200), t.idle(), t.lease(), t.total());

    assertFails(
            Failure.TIMEOUT,
            () -> bench.fetch(bench.upstream(o -> o.wire(w -> w.withTimeouts(hasty))), digest))
        .hasMessageNotContaining("presigned-secret");
  }
}
