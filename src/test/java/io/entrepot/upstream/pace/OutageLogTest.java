package io.entrepot.upstream.pace;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the outages of an upstream are told: once when one begins, and once when it ends. */
class OutageLogTest {
  private final UpstreamException silent =
      new UpstreamException(Failure.UNREACHABLE, "GET https://r.example/v2/ failed: refused");

  private final AtomicLong nanos = new AtomicLong(-7);
  private final OutageLog log = new OutageLog("https://r.example", nanos::get);
  private final List<String> lines = new ArrayList<>();
  private final Logger logger = Logger.getLogger(OutageLog.class.getName());
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          lines.add(line.getLevel() + " " + line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
  }

  @AfterEach
  void leave() {
    logger.removeHandler(handler);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void outageIsToldOnceAtItsBeginAndOnceAtItsEnd() {
    log.answered();
    for (int i = 0; i < 20; i++) {
      log.failed(silent);
      pass(Duration.ofSeconds(1));
    }
    log.answered();
    log.answered();

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0))
        .startsWith("WARNING Upstream https://r.example does not answer")
        .contains("refused");
    assertThat(lines.get(1)).isEqualTo("INFO Upstream https://r.example answers again after 20 s");
  }

  @Test
  void slowingDownIsToldAsSuch() {
    log.failed(new UpstreamException(Failure.THROTTLED, "429"));

    assertThat(lines).singleElement().asString().contains("asks us to slow down");
  }

  @Test
  void upstreamThatFailsNowAndThenDoesNotFillTheLog() {
    for (int i = 0; i < 20; i++) {
      log.failed(silent);
      log.answered();
      pass(Duration.ofSeconds(1));
    }
    assertThat(lines).hasSize(2);

    pass(Duration.ofMinutes(1));
    log.failed(silent);
    assertThat(lines).hasSize(3);
  }

  @Test
  void secondOutageSoonAfterTheFirstIsToldAfterFiveFailures() {
    log.failed(silent);
    log.answered();
    for (int i = 0; i < 4; i++) {
      log.failed(silent);
    }
    assertThat(lines).hasSize(2);

    log.failed(silent);
    assertThat(lines).hasSize(3);
  }
}
