package io.entrepot.upstream.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConfigTest {
  private static final Credentials ANN = new Credentials.Password("ann", "hunter2");

  private static DockerConfig parse(String upstream, String json) throws IOException {
    return DockerConfig.parse(json.getBytes(UTF_8), URI.create(upstream));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String auth(String key) {
    return "{\"auths\":{\"other.example\":{\"auth\":\"%s\"},\"%s\":{\"auth\":\"%s\"}}}"
        .formatted(base64("eve:no"), key, base64("ann:hunter2"));
  }

  @ParameterizedTest
  @CsvSource({
    "https://ghcr.io, ghcr.io",
    "https://ghcr.io, https://ghcr.io",
    "https://ghcr.io, https://GHCR.io/v2/",
    "https://ghcr.io, http://ghcr.io/v1/",
    "https://ghcr.io:443, ghcr.io",
    "https://hub.example:5000, hub.example:5000",
    "http://hub.example:5000, https://hub.example:5000/",
    "https://registry-1.docker.io, https://index.docker.io/v1/",
    "https://registry-1.docker.io, index.docker.io",
    "https://registry-1.docker.io, docker.io",
    "https://registry-1.docker.io, registry-1.docker.io",
    "https://docker.io, https://index.docker.io/v1/",
    "https://ghcr.io/, ghcr.io",
    "https://harbor.example/proxy-cache, harbor.example",
    "https://harbor.example/proxy-cache, harbor.example/proxy-cache",
    "https://harbor.example/proxy-cache/, https://Harbor.example/proxy-cache/",
    "https://harbor.example/a/b, https://harbor.example/v2/",
    "https://harbor.example/a/b, harbor.example/a",
    "https://registry-1.docker.io/team, docker.io/team"
  })
  void keyMeansTheRegistry(String upstream, String key) throws Exception {
    assertThat(parse(upstream, auth(key)).stored()).isEqualTo(ANN);
  }

  @ParameterizedTest
  @CsvSource({
    "https://ghcr.io, ghcr.io/owner",
    "https://ghcr.io, ghcr.io.evil.example",
    "https://ghcr.io, evil.example/ghcr.io",
    "https://ghcr.io, ghcr.io:444",
    "https://hub.example:5000, hub.example",
    "https://ghcr.io, https://index.docker.io/v1/",
    "https://ghcr.io, ''",
    "https://harbor.example/proxy-cache, harbor.example/proxy",
    "https://harbor.example/proxy-cache, harbor.example/proxy-cache/team",
    "https://harbor.example/proxy-cache, harbor.example/other",
    "https://harbor.example/Cache, harbor.example/cache",
    "https://harbor.example:5000/proxy-cache, harbor.example/proxy-cache"
  })
  void keyMeansAnother(String upstream, String key) throws Exception {
    assertThat(parse(upstream, auth(key)).stored()).isEqualTo(Credentials.ANONYMOUS);
  }

  @Test
  void nameThatDockerWritesComesFirst() throws Exception {
    String json =
        "{\"auths\":{\"docker.io\":{\"auth\":\"%s\"},\"https://index.docker.io/v1/\":{\"auth\":\"%s\"}}}"
            .formatted(base64("eve:no"), base64("ann:hunter2"));
    DockerConfig config = parse("https://registry-1.docker.io", json);

    assertThat(config.stored()).isEqualTo(ANN);
    assertThat(config.server()).isEqualTo("https://index.docker.io/v1/");
  }

  @Test
  void longestPathFitsBest() throws Exception {
    String json =
        """
        {"auths":{
          "harbor.example":{"auth":"%1$s"},
          "harbor.example/a/b/c":{"auth":"%1$s"},
          "https://harbor.example/a/b/":{"auth":"%2$s"},
          "harbor.example/a":{"auth":"%1$s"}},
         "credHelpers":{"harbor.example":"whole","harbor.example/x":"part"}}
        """
            .formatted(base64("eve:no"), base64("ann:hunter2"));

    assertThat(parse("https://harbor.example/a/b", json).stored()).isEqualTo(ANN);
    assertThat(parse("https://harbor.example/x/y", json).helper()).isEqualTo("part");
    assertThat(parse("https://harbor.example/y", json).helper()).isEqualTo("whole");
    assertThat(parse("https://harbor.example/x/y", json).server()).isEqualTo("harbor.example");
  }

  @Test
  void credentialsHaveSeveralForms() throws Exception {
    assertThat(stored("{\"username\":\"ann\",\"password\":\"hunter2\"}")).isEqualTo(ANN);
    assertThat(stored("{\"auth\":\"%s\"}".formatted(base64("ann:hunter2\0\0")))).isEqualTo(ANN);
    assertThat(stored("{\"auth\":\"%s\"}".formatted(base64("ann:a:b"))))
        .isEqualTo(new Credentials.Password("ann", "a:b"));
    assertThat(stored("{\"auth\":\"%s\",\"identitytoken\":\"t\"}".formatted(base64("ann:x"))))
        .isEqualTo(new Credentials.IdentityToken("t"));
    assertThat(stored("{\"username\":\"<token>\",\"password\":\"t\"}"))
        .isEqualTo(new Credentials.IdentityToken("t"));
    assertThat(stored("{}")).isEqualTo(Credentials.ANONYMOUS);
    assertThat(stored("{\"auth\":\"\"}")).isEqualTo(Credentials.ANONYMOUS);
    assertThat(parse("https://ghcr.io", "{}").stored()).isEqualTo(Credentials.ANONYMOUS);
  }

  private static Credentials stored(String entry) throws IOException {
    return parse("https://ghcr.io", "{\"auths\":{\"ghcr.io\":" + entry + "}}").stored();
  }

  @Test
  void helperOfTheRegistryComesBeforeTheOneForAll() throws Exception {
    String json =
        """
        {"credsStore":"pass","credHelpers":{"ghcr.io":"gh","https://index.docker.io/v1/":"hub"}}
        """;
    assertThat(parse("https://ghcr.io", json).helper()).isEqualTo("gh");
    assertThat(parse("https://registry-1.docker.io", json).helper()).isEqualTo("hub");
    assertThat(parse("https://quay.io", json).helper()).isEqualTo("pass");
    assertThat(parse("https://quay.io", json).server()).isEqualTo("quay.io");
    assertThat(parse("https://quay.io", "{}").helper()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "canary",
        "{\"auths\":",
        "{\"auths\":{\"ghcr.io\":{\"auth\":\"canary!\"}}}",
        "{\"auths\":{\"ghcr.io\":{\"auth\":\"Y2FuYXJ5\"}}}",
        "{\"auths\":{\"ghcr.io\":{\"username\":\"a:b\",\"password\":\"canary\"}}}",
        "{\"auths\":{\"ghcr.io\":{\"password\":\"canary\"}}}"
      })
  void whatCannotBeUsedIsRefusedAndNotShown(String json) {
    assertThatThrownBy(() -> parse("https://ghcr.io", json))
        .isInstanceOf(IOException.class)
        .hasMessageNotContaining("canary");
  }

  @Test
  void depthIsBounded() {
    assertThatThrownBy(() -> parse("https://ghcr.io", "{\"a\":".repeat(1_000)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nested too deep");
  }

  @Test
  void nothingSecretIsShown() throws Exception {
    assertThat(parse("https://ghcr.io", auth("ghcr.io")).toString())
        .contains("ann")
        .doesNotContain("hunter2");
  }
}
