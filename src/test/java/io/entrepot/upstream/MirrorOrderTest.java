package io.entrepot.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.fixture.LogLines;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamQuery.FetchBlob;
import io.entrepot.upstream.UpstreamQuery.Ping;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which registry of a {@link Mirrors} is asked, and which failure is reported, without HTTP. */
class MirrorOrderTest {
  private static final Ping QUERY = new Ping();

  private final List<String> asked = new ArrayList<>();
  private final Fake main = new Fake("main");
  private final Fake second = new Fake("second");
  private final Fake third = new Fake("third");
  private final Mirrors mirrors = new Mirrors(List.of(main, second, third));

  private Failure failure() {
    UpstreamException thrown =
        catchThrowableOfType(UpstreamException.class, () -> mirrors.ask(QUERY, new Cost()));
    return thrown.failure();
  }

  @Test
  void firstThatAnswersIsTheLastAsked() throws Exception {
    main.failure = new UpstreamException(Failure.TIMEOUT, "late");

    assertThat(mirrors.ask(QUERY, new Cost())).isTrue();
    assertThat(asked).containsExactly("main", "second");
  }

  @ParameterizedTest
  @EnumSource(
      value = Failure.class,
      names = {"NOT_FOUND", "DENIED", "BUSY", "OFFLINE"})
  void someFailuresOfTheRegistryItselfAreFinal(Failure failure) {
    main.failure = new UpstreamException(failure, "no");

    assertThat(failure()).isEqualTo(failure);
    assertThat(asked).containsExactly("main");
  }

  @ParameterizedTest
  @EnumSource(
      value = Failure.class,
      names = {"NOT_FOUND", "DENIED"})
  void noFailureOfAMirrorDecidesForTheRegistryItself(Failure failure) {
    main.failure = new UpstreamException(Failure.UNREACHABLE, "no way");
    second.failure = new UpstreamException(failure, "not here");
    third.failure = new UpstreamException(failure, "not here either");

    assertThat(failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(asked).containsExactly("main", "second", "third");
  }

  @Test
  void allFailuresAreToldAndTheShortestWait() {
    main.failure = new UpstreamException(Failure.THROTTLED, "slow", Duration.ofSeconds(9), null);
    second.failure = new UpstreamException(Failure.THROTTLED, "down", Duration.ofSeconds(3), null);
    third.failure = new UpstreamException(Failure.INVALID, "odd");

    assertThatThrownBy(() -> mirrors.ask(QUERY, new Cost()))
        .hasMessage("slow; down; odd")
        .isInstanceOfSatisfying(
            UpstreamException.class,
            e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(3)));
  }

  @Test
  void oneThatBrokeOffIsAskedLastForTheRest() {
    BrokenResponse broken = new BrokenResponse(main.uri(), null, OptionalLong.empty());
    FetchBlob rest =
        new FetchBlob(
            RepositoryName.of("app"),
            Digest.ofBytes(Digest.Algorithm.SHA256, new byte[0]),
            new FetchRange(5, Long.MAX_VALUE, broken));
    List.of(main, second, third)
        .forEach(each -> each.failure = new UpstreamException(Failure.TIMEOUT, "late"));

    assertThatThrownBy(() -> mirrors.ask(rest, new Cost())).hasMessage("late; late; late");
    assertThat(asked).containsExactly("second", "third", "main");
  }

  @Test
  void scarcityIsThatOfTheFirstWhoseBreakerIsClosed() {
    second.scarce = true;
    assertThat(mirrors.isScarce()).isFalse();

    main.state = BreakerStatus.State.OPEN;
    assertThat(mirrors.isScarce()).isTrue();

    second.state = BreakerStatus.State.HALF_OPEN;
    third.state = BreakerStatus.State.OPEN;
    assertThat(mirrors.isScarce()).isFalse();
  }

  @Test
  void troubleIsOnlyWhereAllHaveSome() {
    main.trouble = "main is down";
    second.trouble = "second is down";
    assertThat(mirrors.trouble()).isEmpty();

    third.trouble = "third is down";
    assertThat(mirrors.trouble()).contains("main is down; second is down; third is down");
  }

  @Test
  void failoverIsToldOnceAndSoIsItsEnd() throws Exception {
    try (LogLines log = LogLines.ofInfo(FailoverLog.class.getName())) {
      main.failure = new UpstreamException(Failure.TIMEOUT, "late");
      mirrors.ask(QUERY, new Cost());
      mirrors.ask(QUERY, new Cost());
      assertThat(log.with(""))
          .containsExactly("WARNING https://second/ is asked in place of https://main/: late");

      main.failure = null;
      mirrors.ask(QUERY, new Cost());
      mirrors.ask(QUERY, new Cost());
      assertThat(log.with("INFO"))
          .containsExactly("INFO https://main/ answers again, and is asked itself");
    }
  }

  /** That content is not to be had says that the registry answers. */
  @ParameterizedTest
  @EnumSource(
      value = Failure.class,
      names = {"NOT_FOUND", "DENIED", "BUSY", "OFFLINE"})
  void whatIsFinalIsNoFailover(Failure failure) {
    try (LogLines log = LogLines.ofInfo(FailoverLog.class.getName())) {
      main.failure = new UpstreamException(failure, "no");
      failure();
      assertThat(log.with("")).isEmpty();
    }
  }

  @Test
  void registryThatFailsNowAndThenIsToldOnceAMinute() {
    AtomicLong nanos = new AtomicLong();
    FailoverLog failover = new FailoverLog(main.uri(), nanos::get);
    UpstreamException why = new UpstreamException(Failure.TIMEOUT, "late");
    try (LogLines log = LogLines.ofInfo(FailoverLog.class.getName())) {
      for (int i = 0; i < 100; i++) {
        failover.replaced(second.uri(), why);
        failover.answered();
      }
      assertThat(log.with("")).hasSize(2);

      nanos.addAndGet(Duration.ofMinutes(1).toNanos());
      failover.replaced(second.uri(), why);
      assertThat(log.with("WARNING")).hasSize(2);
    }
  }

  @Test
  void allAreClosedWithIt() {
    mirrors.close();

    assertThat(List.of(main, second, third)).allMatch(each -> each.closed);
    assertThat(mirrors.uri()).isEqualTo(main.uri());
    assertThatThrownBy(() -> new Mirrors(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  /** A registry that answers pings, or fails as it is told. */
  private final class Fake implements Registry {
    private final String name;
    @Nullable UpstreamException failure;
    BreakerStatus.State state = BreakerStatus.State.CLOSED;
    @Nullable String trouble;
    boolean scarce;
    boolean closed;

    Fake(String name) {
      this.name = name;
    }

    @Override
    @SuppressWarnings("unchecked") // only pings are answered
    public <T> T ask(UpstreamQuery<T> query, Cost cost) throws UpstreamException {
      asked.add(name);
      if (failure != null) {
        throw failure;
      }
      Object answer = true;
      return (T) answer;
    }

    @Override
    public URI uri() {
      return URI.create("https://" + name + "/");
    }

    @Override
    public BreakerStatus breaker() {
      return new BreakerStatus(state, null, Duration.ZERO);
    }

    @Override
    public Optional<Quota> quota() {
      return Optional.empty();
    }

    @Override
    public Optional<String> trouble() {
      return Optional.ofNullable(trouble);
    }

    @Override
    public boolean isReachable() {
      return true;
    }

    @Override
    public boolean isScarce() {
      return scarce;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
