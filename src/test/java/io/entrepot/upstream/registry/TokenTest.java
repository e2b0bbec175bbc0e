package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Background;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.FakeTokenService;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.UpstreamException.Failure;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How tokens are fetched, kept and renewed, counted in requests (F13). */
@Timeout(60)
class TokenTest {
  private static final String TOGETHER = "together";
  private static final byte[] BYTES = "bytes".getBytes(UTF_8);

  private final Bench bench = new Bench();
  private final FakeTokenService tokens = bench.registry.requireTokens().clock(bench.clock);
  private final Digest digest = bench.registry.putBlob(BYTES);

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void firstRequestCostsThreeAndEveryFurtherOne() throws Exception {
    HttpRegistry upstream = bench.upstream();

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(bench.registry.requests().stream().map(r -> r.path().split("/", -1)[1]))
        .containsExactly("v2", "token", "v2");
    assertThat(bench.cost.requests()).isEqualTo(3);

    Cost second = new Cost();
    Bench.fetch(upstream, REPOSITORY, digest, second);
    upstream.headBlob(REPOSITORY, digest, second);
    assertThat(second.requests()).isEqualTo(2);
    assertThat(bench.registry.requests()).hasSize(5);
    assertThat(bench.registry.tokenRequests()).hasSize(1);
  }

  @Test
  void tokenIsAskedForAsTheChallengeSays() throws Exception {
    bench.fetch(bench.upstream(), digest);

    Recorded token = bench.registry.tokenRequests().get(0);
    assertThat(token.method()).isEqualTo("GET");
    assertThat(token.query())
        .isEqualTo("service=fake-registry&scope=repository%3Alibrary%2Falpine%3Apull");
    assertThat(token.header("Authorization")).isNull();
  }

  @Test
  void connectingWarmsUpForEveryRepository() throws Exception {
    HttpRegistry upstream = bench.upstream();
    upstream.connect(bench.cost);
    assertThat(bench.cost.requests()).isEqualTo(3);

    Cost first = new Cost();
    Bench.fetch(upstream, REPOSITORY, digest, first);
    assertThat(first.requests()).isEqualTo(2);
    assertThat(bench.registry.requests(r -> r.status() == 401)).hasSize(1);
  }

  @Test
  void otherRepositoryNeedsATokenOfItsOwn() throws Exception {
    HttpRegistry upstream = bench.upstream();
    bench.fetch(upstream, digest);

    Cost other = new Cost();
    Bench.fetch(upstream, RepositoryName.of("other"), digest, other);
    assertThat(other.requests()).isEqualTo(2);
    assertThat(bench.registry.tokenRequests().get(1).query())
        .endsWith("scope=repository%3Aother%3Apull");
  }

  @Test
  void tokenIsRenewedBeforeItExpires() throws Exception {
    tokens.expiresIn(Duration.ofSeconds(2));
    HttpRegistry upstream = bench.upstream();
    bench.fetch(upstream, digest);

    bench.clock.advance(Duration.ofMillis(1799));
    bench.fetch(upstream, digest);
    assertThat(bench.registry.tokenRequests()).hasSize(1);

    bench.clock.advance(Duration.ofMillis(1));
    bench.fetch(upstream, digest);
    assertThat(bench.registry.tokenRequests()).hasSize(2);
    assertThat(bench.registry.requests(r -> r.status() == 401)).hasSize(1);
  }

  @Test
  void lifetimeOfASilentServiceIsSixtySeconds() throws Exception {
    tokens.silentAboutLifetime();
    HttpRegistry upstream = bench.upstream();
    bench.fetch(upstream, digest);
    bench.clock.advance(Duration.ofSeconds(53));
    bench.fetch(upstream, digest);
    assertThat(bench.registry.tokenRequests()).hasSize(1);
    bench.clock.advance(Duration.ofSeconds(1));
    bench.fetch(upstream, digest);
    assertThat(bench.registry.tokenRequests()).hasSize(2);
  }

  @Test
  void clockThatGoesBackMakesTokensOld() throws Exception {
    HttpRegistry upstream = bench.upstream();
    bench.fetch(upstream, digest);
    bench.clock.advance(Duration.ofDays(-1));

    bench.fetch(upstream, digest);

    assertThat(bench.registry.tokenRequests()).hasSize(2);
  }

  @Test
  void revokedTokenIsReplacedOnce() throws Exception {
    HttpRegistry upstream = bench.upstream();
    bench.fetch(upstream, digest);
    tokens.revokeAll();

    Cost after = new Cost();
    assertThat(Bench.fetch(upstream, REPOSITORY, digest, after)).isEqualTo(BYTES);
    assertThat(after.requests()).isEqualTo(3);
  }

  @Test
  void forbiddenTokenIsReplacedOnceToo() throws Exception {
    HttpRegistry upstream = bench.upstream();
    bench.fetch(upstream, digest);
    bench.registry.inject(Recorded.blob(digest), Fault.status(403), 1);

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(bench.registry.tokenRequests()).hasSize(2);
  }

  @Test
  void hundredThreadsFetchOneToken() throws Exception {
    HttpRegistry upstream = bench.upstream(o -> o.wire(w -> w.withMaxConnections(100)));
    together(100, () -> bench.fetch(upstream, digest));
    assertThat(bench.registry.tokenRequests()).hasSize(1);

    tokens.revokeAll();
    together(100, () -> bench.fetch(upstream, digest));
    assertThat(bench.registry.tokenRequests()).hasSize(2);
  }

  @Test
  void failureIsSharedByAllWhoWaitAndForgottenAtOnce() throws Exception {
    HttpRegistry upstream = bench.upstream();
    upstream.connect(bench.cost);
    bench.registry.clearRequests();
    bench.registry.inject(Recorded.token(), Fault.status(503), 1);
    Gate gate = new Gate();
    bench.registry.inject(Recorded.token(), Fault.gateBeforeHead(gate), 1);
    CompletableFuture<Void> released =
        Background.run(
            () -> {
              await().until(() -> waitingTogether() == 19);
              gate.release();
            });

    List<Future<?>> calls =
        together(
            20,
            () -> {
              assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest))
                  .hasMessageContaining("/token failed: 503");
              return null;
            });
    assertThat(calls).hasSize(20);
    assertThat(released).isCompleted();
    assertThat(bench.registry.tokenRequests()).hasSize(1);
    assertThat(bench.registry.blobGets(digest)).isEmpty();

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
  }

  /** A token must not be able to do more than this cache does (S40). */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "repository:library/alpine:pull | repository:library/alpine:pull",
        "repository:library/alpine:pull,push,delete | repository:library/alpine:pull",
        "repository:library/alpine:delete,metadata_read,pull,* |"
            + " repository:library/alpine:metadata_read,pull",
        "repository:library/alpine:* | repository:library/alpine:pull",
        "repository:library/alpine:push | repository:library/alpine:pull",
        "repository:library/alpine: | repository:library/alpine:pull",
        "repository:other/secret:pull | repository:library/alpine:pull",
        "repository:mirror/library/alpine:pull | repository:library/alpine:pull",
        "repository:other:pull repository:library/alpine:push,pull repository:x:delete |"
            + " repository:library/alpine:pull",
        "repository(plugin):library/alpine:pull,push | repository(plugin):library/alpine:pull",
        "repository:library/alpine:pull registry:catalog:* |"
            + " repository:library/alpine:pull registry:catalog:*",
        "registry:admin:* | repository:library/alpine:pull",
        "aws | repository:library/alpine:pull",
      })
  void challengeChoosesNoMoreThanReadingTheRepositoryAskedFor(String named, String asked)
      throws Exception {
    bench.registry.inject(
        request -> request.header("Authorization") == null && Recorded.blob(digest).test(request),
        challenge(
            "?scope=repository:library/alpine:push&a=b&%73cope=x", "scope=\"" + named + "\""));
    bench.registry.inject(
        request -> request.header("Authorization") != null && Recorded.blob(digest).test(request),
        new Fault(reply -> true, reply -> Reply.of(200, Content.of(BYTES))));
    HttpRegistry upstream = bench.upstream();

    bench.fetch(upstream, digest);
    Cost steady = new Cost();
    Bench.fetch(upstream, REPOSITORY, digest, steady);

    assertThat(steady.requests()).isEqualTo(1);
    assertThat(bench.registry.tokenRequests())
        .extracting(request -> URLDecoder.decode(String.valueOf(request.query()), UTF_8))
        .containsExactly("a=b&service=fake-registry&scope=" + asked);
  }

  @Test
  void callsAreMeasuredByKindAndOutcome() throws Exception {
    bench.fetch(bench.upstream(), digest);
    assertFails(
        Failure.NOT_FOUND, () -> bench.upstream().resolve(REPOSITORY, new Tag("none"), bench.cost));

    assertThat(calls("blob", "ok")).isEqualTo(1);
    assertThat(calls("token", "ok")).isEqualTo(2);
    assertThat(calls("manifest", "not_found")).isEqualTo(1);
  }

  private long calls(String kind, String outcome) {
    return bench
        .meters
        .get("entrepot.upstream.calls")
        .tags("kind", kind, "outcome", outcome)
        .timer()
        .count();
  }

  private Fault challenge(String query, String more) {
    return new Fault(
        reply -> reply.status() == 401,
        reply ->
            reply.header(
                "WWW-Authenticate",
                "Bearer realm=\""
                    + tokens.realm()
                    + query
                    + "\",service=\"fake-registry\","
                    + more));
  }

  /** How many of those who were let go together wait for the token of another. */
  private static long waitingTogether() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(TOGETHER))
        .filter(thread -> thread.getState() == Thread.State.TIMED_WAITING)
        .count();
  }

  private static List<Future<?>> together(int threads, Callable<?> task) throws Exception {
    ExecutorService pool =
        Executors.newFixedThreadPool(threads, work -> new Thread(work, TOGETHER));
    CountDownLatch start = new CountDownLatch(1);
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        futures.add(
            pool.submit(
                () -> {
                  start.await();
                  return task.call();
                }));
      }
      start.countDown();
      for (Future<?> future : futures) {
        future.get();
      }
      return futures;
    } finally {
      pool.shutdownNow();
    }
  }
}
