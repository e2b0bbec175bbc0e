package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlSyntaxTest {
  @ParameterizedTest
  @CsvSource({
    "https://registry-1.docker.io, https://registry-1.docker.io",
    "https://ghcr.io/, https://ghcr.io",
    "HTTPS://GHCR.io:443, https://ghcr.io",
    "http://10.0.0.1:80/, http://10.0.0.1",
    "http://localhost:5001, http://localhost:5001",
    "https://localhost:80, https://localhost:80",
    "https://[::1]:5001, https://[::1]:5001",
    "https://ghcr.io./, https://ghcr.io",
    "https://ghcr.io.:5000, https://ghcr.io:5000"
  })
  void originHasOneForm(String text, String expected) {
    assertThat(UrlSyntax.origin(text)).isEqualTo(URI.create(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ghcr.io | begin with http",
        "ftp://ghcr.io | begin with http",
        "//ghcr.io | begin with http",
        "https:ghcr.io | host",
        "https:// | not a URL",
        "https://a b | not a URL",
        "https://under_score | host",
        "https://me:canary@ghcr.io | user name",
        "https://me@ghcr.io | user name",
        "https://ghcr.io/v2/ | path",
        "https://ghcr.io?canary=1 | query",
        "https://ghcr.io#x | fragment",
        "https://ghcr.io:0 | port",
        "https://ghcr.io:65536 | port",
        "https://ghcr.io:canary | host"
      })
  void originIsNothingElse(String text, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UrlSyntax.origin(text))
        .withMessageContaining(reason)
        .withMessageNotContaining("canary")
        .withNoCause();
  }

  @ParameterizedTest
  @CsvSource({
    "https://Harbor.example/proxy-cache, https://harbor.example/proxy-cache",
    "https://harbor.example:443/a/b.c/, https://harbor.example/a/b.c",
    "http://localhost:5001/, http://localhost:5001",
    "https://ghcr.io, https://ghcr.io",
    "https://harbor.example/v2proxy, https://harbor.example/v2proxy",
  })
  void registryMayHaveAPath(String text, String expected) {
    assertThat(UrlSyntax.registry(text)).isEqualTo(URI.create(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https://h.example/v2 | leave /v2 out",
        "https://h.example/v2/x/ | leave /v2 out",
        "https://h.example//x | its path",
        "https://h.example/x// | its path",
        "https://h.example/Canary | its path",
        "https://h.example/a/../canary | its path",
        "https://h.example/a%2fcanary | its path",
        "https://h.example/a;canary | its path",
        "https://me:canary@h.example/x | user name",
        "https://h.example/x?canary | query",
      })
  void pathOfARegistryBeginsARepositoryName(String text, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UrlSyntax.registry(text))
        .withMessageContaining(reason)
        .withMessageNotContaining("canary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://auth.docker.io",
        "http://localhost:5001",
        "http://127.0.0.1",
        "http://127.8.8.8:1",
        "http://[::1]:5001"
      })
  void credentialsGoOverHttpsOrNotOffThisMachine(String text) {
    assertThat(UrlSyntax.safeOrigin(text)).isEqualTo(URI.create(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://auth.docker.io",
        "http://10.0.0.1",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://[::2]"
      })
  void credentialsGoNowhereElse(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UrlSyntax.safeOrigin(text))
        .withMessageContaining("https");
  }
}
