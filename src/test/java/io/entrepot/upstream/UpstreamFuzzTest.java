package io.entrepot.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.URI;
import java.net.URISyntaxException;

/** Any bytes in the words of an upstream that are passed on or compared (S2, S11, S12). */
class UpstreamFuzzTest {
  @FuzzTest
  void mediaTypes(byte[] data) {
    String header = new String(data, ISO_8859_1);
    MediaType.parse(header)
        .ifPresent(
            type -> {
              assertThat(header).contains(type);
              assertThat(type).matches("[!-~]+/[!-~]+").doesNotContain(";", ",", "\"");
              assertThat(MediaType.parse(type)).hasValue(type);
            });
  }

  @FuzzTest
  void errors(byte[] data) {
    RegistryError error = RegistryError.read(data);
    assertThat(error.code().length() + error.message().length()).isLessThanOrEqualTo(data.length);
    error.knownCode().ifPresent(code -> assertThat(code).matches("[A-Z0-9_]{1,64}"));
  }

  @FuzzTest
  void origins(byte[] data) {
    URI uri;
    try {
      uri = new URI(new String(data, ISO_8859_1));
    } catch (URISyntaxException e) {
      return;
    }
    Origin.of(uri)
        .ifPresent(
            origin -> {
              assertThat(origin.scheme()).isIn("http", "https");
              assertThat(origin.port()).isBetween(0, 65_535);
              assertThat(origin.contains(uri)).isTrue();
              assertThat(origin.contains(URI.create(origin.toString()))).isTrue();
              assertThat(origin.isAt(origin.host(), origin.port())).isTrue();
              assertThat(origin.isAt(uri.getHost(), origin.port() + 1)).isFalse();
              assertThat(new Origin("https", "other.example", 443).contains(uri))
                  .isEqualTo(origin.equals(new Origin("https", "other.example", 443)));
            });
  }
}
