package io.entrepot.upstream.auth;

import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.wire.CallDeadline;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TokenCacheTest {
  private static final MemoryBudget MEMORY = new MemoryBudget(512L << 20);

  private static final TokenKey KEY = key("a");

  private final TestClock clock = new TestClock();
  private final TokenCache cache = new TokenCache(MEMORY, Share.TOKENS, clock);
  private final AtomicInteger fetches = new AtomicInteger();

  private static TokenKey key(String repository) {
    return new TokenKey(
        URI.create("https://auth.example.com/token"),
        "service",
        new Scope("repository:" + repository + ":pull"),
        Credentials.ANONYMOUS);
  }

  private Token fetch() {
    return new Token("t" + fetches.incrementAndGet(), clock.instant(), Duration.ofSeconds(100));
  }

  private TokenCache.Found get(TokenKey key) throws UpstreamException {
    return cache.get(key, CallDeadline.in(Duration.ofSeconds(20)), k -> fetch());
  }

  /** As above, with a token of so many characters. */
  private TokenCache.Found get(TokenKey key, int length) throws UpstreamException {
    return cache.get(
        key,
        CallDeadline.in(Duration.ofSeconds(20)),
        k -> {
          fetches.incrementAndGet();
          return new Token("x".repeat(length), clock.instant(), Duration.ofSeconds(100));
        });
  }

  @Test
  void tokenIsKeptUntilATenthBeforeItsEnd() throws Exception {
    assertThat(get(KEY).fetched()).isTrue();
    clock.advance(Duration.ofMillis(89_999));
    assertThat(get(KEY).fetched()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(get(KEY).token().secret()).isEqualTo("t2");
  }

  @Test
  void longTokenIsKeptUntilTwentySecondsBeforeItsEnd() {
    Token token = new Token("x", clock.instant(), Duration.ofHours(1));

    assertThat(token.isFresh(clock.instant().plusSeconds(3579))).isTrue();
    assertThat(token.isFresh(clock.instant().plusSeconds(3580))).isFalse();
    assertThat(token.toString()).doesNotContain("x,");
  }

  @Test
  void everyPartOfTheKeyCounts() throws Exception {
    get(KEY);
    get(key("b"));
    get(new TokenKey(URI.create("https://b/"), KEY.service(), KEY.scope(), KEY.credentials()));
    get(new TokenKey(KEY.realm(), "other", KEY.scope(), KEY.credentials()));
    get(new TokenKey(KEY.realm(), KEY.service(), KEY.scope(), new Credentials.Password("u", "p")));

    assertThat(fetches).hasValue(5);
  }

  @Test
  void dropForgetsTheRefusedTokenAndNoOther() throws Exception {
    Token first = get(KEY).token();
    cache.drop(KEY, first);
    Token second = get(KEY).token();
    cache.drop(KEY, first);

    assertThat(get(KEY).token()).isEqualTo(second);
    assertThat(fetches).hasValue(2);
  }

  @Test
  void twoThousandTokensHaveRoom() throws Exception {
    for (int i = 0; i < 2048; i++) {
      get(key("r" + i), 3000);
    }

    for (int i = 0; i < 2048; i++) {
      assertThat(get(key("r" + i), 3000).fetched()).isFalse();
    }
  }

  @Test
  void longTokensTakeNoMoreThanTheirShareAndTheOneInUseStays() throws Exception {
    int length = 64 << 10;
    get(KEY, length);
    for (int i = 0; i < 1000; i++) {
      get(key("r" + i), length);
      get(KEY, length);
    }
    assertThat(get(KEY, length).fetched()).isFalse();

    fetches.set(0);
    for (int i = 0; i < 1000; i++) {
      get(key("r" + i), length);
    }
    assertThat(1000 - fetches.get()).isBetween(1, (int) MEMORY.bytes(Share.TOKENS) / length);
  }

  @Test
  void waitingEndsAtTheDeadlineOfWhoWaits() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    FutureTask<Token> leader = slowFetch(answer);

    assertFails(
            Failure.TIMEOUT,
            () -> cache.get(KEY, CallDeadline.in(Duration.ofMillis(50)), k -> fetch()))
        .hasMessageContaining("another call got no token within 50 ms");

    answer.countDown();
    assertThat(leader.get().secret()).isEqualTo("slow");
    assertThat(get(KEY).token().secret()).isEqualTo("slow");
    assertThat(fetches).hasValue(0);
  }

  @Test
  void interruptedWaiterGivesUp() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    FutureTask<Token> leader = slowFetch(answer);
    FutureTask<Boolean> waiter =
        new FutureTask<>(
            () -> {
              Thread.currentThread().interrupt();
              assertFails(Failure.UNREACHABLE, () -> get(KEY));
              return Thread.currentThread().isInterrupted();
            });
    new Thread(waiter).start();

    assertThat(waiter.get()).isTrue();
    answer.countDown();
    assertThat(leader.get().secret()).isEqualTo("slow");
  }

  @Test
  void brokenSourceLeavesNothingBehind() throws Exception {
    assertThatThrownBy(
            () ->
                cache.get(
                    KEY,
                    CallDeadline.in(Duration.ofSeconds(1)),
                    k -> {
                      throw new IllegalStateException("broken");
                    }))
        .isInstanceOf(IllegalStateException.class);

    assertThat(get(KEY).token().secret()).isEqualTo("t1");
  }

  /** A thread that fetches for {@link #KEY} until told that the answer is there. */
  private FutureTask<Token> slowFetch(CountDownLatch answer) {
    CountDownLatch begun = new CountDownLatch(1);
    FutureTask<Token> task =
        new FutureTask<>(
            () ->
                cache
                    .get(
                        KEY,
                        CallDeadline.in(Duration.ofSeconds(20)),
                        k -> {
                          begun.countDown();
                          await().until(() -> answer.getCount() == 0);
                          return new Token("slow", clock.instant(), Duration.ofSeconds(100));
                        })
                    .token());
    new Thread(task).start();
    await().until(() -> begun.getCount() == 0);
    return task;
  }
}
