package io.entrepot.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Every trial that is promised, so 200 random kills and 30 power cuts (F1, F2): `mvn -Plong
 * verify`. What cannot be made here, for want of root or Linux, is skipped and says so in the
 * output.
 */
class LongFaultsIT {
  /** An hour on two cores. */
  private static final long MAX_HOURS = 3;

  @Test
  void allTrialsAreSurvived() throws Exception {
    Process harness =
        new ProcessBuilder("python3", "src/test/faults/run", "--long").inheritIO().start();
    try {
      assertThat(harness.waitFor(MAX_HOURS, TimeUnit.HOURS)).isTrue();
      assertThat(harness.exitValue()).isZero();
    } finally {
      harness.descendants().forEach(ProcessHandle::destroyForcibly);
      harness.destroyForcibly();
    }
  }
}
