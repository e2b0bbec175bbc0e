package io.entrepot.upstream.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.URI;

/**
 * Any bytes in Docker's {@code config.json}: credentials, or an error that quotes none of it (S16).
 */
class DockerConfigFuzzTest {
  private static final URI UPSTREAM = URI.create("https://registry.example");

  @FuzzTest
  void configs(byte[] data) {
    try {
      assertThat(DockerConfig.parse(data, UPSTREAM).server()).isEqualTo("registry.example");
    } catch (IOException e) {
      assertThat(e).hasNoCause();
      assertThat(e.getMessage()).hasSizeLessThan(200).matches("[ -~]+");
    }
  }
}
