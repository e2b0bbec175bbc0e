package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorsTest {
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
    assertThat(Descriptors.maxConnections(descriptors)).isEqualTo(connections);
  }
}
