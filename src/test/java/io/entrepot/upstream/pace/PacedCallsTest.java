package io.entrepot.upstream.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamQuery.FetchBlob;
import io.entrepot.upstream.UpstreamQuery.Ping;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The way of one call: breaker, permit, timer and counter, without HTTP. */
@Timeout(60)
class PacedCallsTest {
  private static final Ping PING = new Ping();
  private static final FetchBlob FETCH =
      new FetchBlob(
          RepositoryName.of("app"),
          Digest.ofBytes(Digest.Algorithm.SHA256, new byte[0]),
          FetchRange.WHOLE);

  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicLong nanos = new AtomicLong();
  private final Breaker breaker =
      new Breaker(
          "https://r.example.com", Restraint.DEFAULT, new TestClock(), nanos::get, rest -> {});
  private final CallOutcomes outcomes =
      new CallOutcomes(meters, "r.example", new OutageLog("r.example", System::nanoTime));
  private final Cap cap = new Cap("one call", 1, Duration.ofMillis(1), 0);
  private final PacedCalls calls =
      new PacedCalls(
          breaker,
          List.of(cap),
          outcomes,
          meters.counter("throttled"),
          MemoryBudget.ofHeap(),
          nanos::get);
  private final AtomicInteger sent = new AtomicInteger();

  private boolean ping(@Nullable UpstreamException failure) throws UpstreamException {
    return calls.call(
        PING,
        "",
        () -> {
          sent.incrementAndGet();
          if (failure != null) {
            throw failure;
          }
          return true;
        });
  }

  private UpstreamBody fetch() throws UpstreamException {
    return calls.fetch(FETCH, "", Body::new);
  }

  private long timed(String kind, String outcome) {
    return meters
        .get("entrepot.upstream.calls")
        .tag("kind", kind)
        .tag("outcome", outcome)
        .timer()
        .count();
  }

  @Test
  void callIsTimedByKindAndOutcomeAndGivesItsPermitBack() throws Exception {
    for (int i = 0; i < 3; i++) {
      assertThat(ping(null)).isTrue();
    }

    assertThat(timed("ping", "ok")).isEqualTo(3);
    assertThat(outcomes.trouble()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Failure.class)
  void failureIsTimedAndGivesThePermitBack(Failure failure) throws Exception {
    UpstreamException e = new UpstreamException(failure, "no");

    assertThatThrownBy(() -> ping(e)).isSameAs(e);
    assertThat(timed("ping", failure.name().toLowerCase(Locale.ROOT))).isEqualTo(1);
    assertThat(meters.counter("throttled").count()).isEqualTo(failure == Failure.THROTTLED ? 1 : 0);
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    assertThat(ping(null)).isTrue();
  }

  @Test
  void openBreakerSendsNothingAndDoesNotWaitForAPermit() throws Exception {
    try (UpstreamBody holder = fetch()) {
      assertThat(holder.offset()).isZero();
      breaker.admit("app").failed(new UpstreamException(Failure.THROTTLED, "slow down"));

      assertThatThrownBy(() -> ping(null)).hasMessageContaining("it asked us to slow down");
    }
    assertThat(sent).hasValue(0);
    assertThat(breaker.status().state()).isEqualTo(BreakerStatus.State.OPEN);
  }

  @Test
  void bodyKeepsItsPermitUntilItIsClosed() throws Exception {
    UpstreamBody body = fetch();
    assertThatThrownBy(() -> ping(null))
        .isInstanceOfSatisfying(
            UpstreamException.class,
            e -> {
              assertThat(e.failure()).isEqualTo(Failure.BUSY);
              assertThat(e.retryAfter()).contains(Duration.ofSeconds(1));
            });
    body.close();
    body.close();

    assertThat(ping(null)).isTrue();
    assertThat(timed("blob", "ok")).isEqualTo(1);
  }

  @Test
  void fetchThatFailsGivesItsPermitBack() throws Exception {
    assertThatThrownBy(
            () ->
                calls.fetch(
                    FETCH,
                    "",
                    () -> {
                      throw new IllegalStateException("broken");
                    }))
        .hasMessage("broken");

    assertThat(ping(null)).isTrue();
    assertThat(timed("blob", "error")).isEqualTo(1);
  }

  @Test
  void onlySilenceOrAFailedPingIsTroubleOfTheUpstream() throws Exception {
    assertThatThrownBy(() -> fail("manifest", Failure.DENIED)).hasMessage("DENIED");
    assertThat(outcomes.trouble()).isEmpty();

    assertThatThrownBy(() -> fail("manifest", Failure.TIMEOUT)).hasMessage("TIMEOUT");
    assertThat(outcomes.trouble()).contains("TIMEOUT");

    assertThatThrownBy(() -> fail("blob", Failure.NOT_FOUND)).hasMessage("NOT_FOUND");
    assertThat(outcomes.trouble()).isEmpty();

    assertThatThrownBy(() -> fail("ping", Failure.DENIED)).hasMessage("DENIED");
    assertThatThrownBy(() -> fail("blob", Failure.NOT_FOUND)).hasMessage("NOT_FOUND");
    assertThat(outcomes.trouble()).contains("DENIED");

    assertThat(outcomes.time("blob", () -> "bytes")).isEqualTo("bytes");
    assertThat(outcomes.trouble()).isEmpty();
  }

  private void fail(String kind, Failure failure) throws UpstreamException {
    var unused =
        outcomes.time(
            kind,
            () -> {
              throw new UpstreamException(failure, failure.name());
            });
  }

  /** A body of three bytes. */
  private static final class Body implements UpstreamBody {
    private final InputStream stream = new ByteArrayInputStream(new byte[3]);

    @Override
    public String server() {
      return "";
    }

    @Override
    public boolean isOfTarget() {
      return false;
    }

    @Override
    public InputStream stream() {
      return stream;
    }

    @Override
    public long offset() {
      return 0;
    }

    @Override
    public boolean isWhole() {
      return true;
    }

    @Override
    public boolean hasLength() {
      return true;
    }

    @Override
    public OptionalLong blobSize() {
      return OptionalLong.of(3);
    }

    @Override
    public URI source() {
      return URI.create("https://r.example.com/");
    }

    @Override
    public @Nullable String etag() {
      return null;
    }

    @Override
    public void close() {
      try {
        stream.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
