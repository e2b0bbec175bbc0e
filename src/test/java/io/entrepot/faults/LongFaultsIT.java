package io.entrepot.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All promised trials, for example 200 random kills and 30 power cuts of one machine (F1, F2), and
 * 1,000 random faults of several nodes: `mvn -Plong verify`. Trials that need root or Linux are
 * skipped without them, and the output says so.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS, threadMode = ThreadMode.SEPARATE_THREAD)
class LongFaultsIT {
  @ParameterizedTest
  @ValueSource(strings = {"faults", "cluster"})
  void allTrialsAreSurvived(String harnessOf) throws Exception {
    Process harness =
        new ProcessBuilder("python3", "src/test/" + harnessOf + "/run", "--long")
            .redirectErrorStream(true)
            .start();
    try {
      harness.getInputStream().transferTo(System.out);
      assertThat(harness.waitFor()).isZero();
    } finally {
      harness.descendants().forEach(ProcessHandle::destroyForcibly);
      harness.destroyForcibly();
    }
  }
}
