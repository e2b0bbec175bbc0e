package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionLimitTest {
  private static final long PLENTY = Long.MAX_VALUE;
  private static final long MIB = 1 << 20;

  @ParameterizedTest
  @CsvSource({
    "1024, 362",
    "20000, 9850",
    "1048576, 10000",
    "9223372036854775807, 10000",
    "256, 32",
    "0, 32"
  })
  void connectionsLeaveDescriptorsForEverythingElse(long descriptors, int connections) {
    assertThat(ConnectionLimit.of(descriptors, PLENTY)).isEqualTo(connections);
  }

  @ParameterizedTest
  @CsvSource({"128, 1024", "64, 279", "4096, 10000", "1, 32"})
  void connectionsLeaveHeapForEverythingElse(long heapMib, int connections) {
    assertThat(ConnectionLimit.of(PLENTY, heapMib * MIB)).isEqualTo(connections);
  }
}
