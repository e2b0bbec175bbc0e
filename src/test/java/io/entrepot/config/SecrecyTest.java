package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.PasswordAuthentication;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No message or text form contains a secret (S16). */
class SecrecyTest {
  private static final String CANARY = "canary-7f3a";
  private static final List<String> SECRETS =
      List.of("PROXY_PASSWORD", "PROXY_IDENTITYTOKEN", "PROXY_CREDENTIALS", "OUTBOUND_PASSWORD");

  @TempDir Path folder;

  @Test
  void settingsShowNoSecret() {
    GivenSources sources =
        new GivenSources()
            .environment("ENTREPOT_PROXY_USERNAME", "me")
            .environment("ENTREPOT_PROXY_PASSWORD", CANARY)
            .environment("ENTREPOT_OUTBOUND_HOST", "p.example")
            .environment("ENTREPOT_OUTBOUND_PORT", "3128")
            .environment("ENTREPOT_OUTBOUND_USERNAME", "me")
            .environment("ENTREPOT_OUTBOUND_PASSWORD", CANARY);
    Settings settings = sources.read();
    assertThat(settings.proxy().login().access())
        .isEqualTo(new Access.Password(new Login("me", Secret.of(CANARY))));
    assertThat(settings.toString()).contains("me", "***").doesNotContain(CANARY);
    Settings withToken =
        new GivenSources().environment("ENTREPOT_PROXY_IDENTITYTOKEN", CANARY).read();
    assertThat(withToken.proxy().login().access())
        .isEqualTo(new Access.IdentityToken(Secret.of(CANARY)));
    assertThat(withToken.toString()).contains("***").doesNotContain(CANARY);
  }

  @Test
  void problemsShowNoSecret() {
    GivenSources sources = new GivenSources().environment("ENTREPOT_PROXY_TTL", "soon");
    SECRETS.forEach(name -> sources.environment("ENTREPOT_" + name, CANARY));
    assertQuiet(sources);
  }

  @Test
  void credentialsInOneShowNoSecret() throws Exception {
    PasswordAuthentication bound = new PasswordAuthentication("me", CANARY.toCharArray());
    String name = "java:comp/env/entrepot/proxy/credentials";
    Settings settings = new GivenSources().bind(name, bound).read();
    assertThat(settings.toString()).contains("me", "***").doesNotContain(CANARY);
    assertQuiet(new GivenSources().bind(name, CANARY));
    assertQuiet(
        new GivenSources().bind(name, new PasswordAuthentication("", CANARY.toCharArray())));
    assertQuiet(new GivenSources().bind(name, CANARY.toCharArray()));
  }

  @Test
  void valuesOfMisspeltSettingsAreNotShown() {
    assertQuiet(new GivenSources().environment("ENTREPOT_PROXY_PASWORD", CANARY));
    assertQuiet(new GivenSources().property("entrepot.proxy.pasword", CANARY));
    assertQuiet(new GivenSources().file(folder, "proxy: {pasword: " + CANARY + "}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxy: {password: \"" + CANARY,
        "proxy:\n  password: @" + CANARY,
        "proxy: {password: [" + CANARY + "]}",
        "proxy: {password: {" + CANARY + ": x, y: [}",
        "proxy: " + CANARY,
        CANARY,
        "- " + CANARY
      })
  void brokenFilesAreNotQuoted(String yaml) {
    assertQuiet(new GivenSources().file(folder, yaml));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://me:" + CANARY + "@ghcr.io",
        "https://me:a/" + CANARY + "@ghcr.io",
        "https://me:a@" + CANARY + "@ghcr.io",
        "https://" + CANARY + "@ghcr.io",
        "//me:" + CANARY + "@ghcr.io",
        "me:" + CANARY + "@ghcr.io",
        "https://me:\n" + CANARY + "@ghcr.io",
        "https://ghcr.io?token=" + CANARY
      })
  void credentialsInUrlsAreNotShown(String url) {
    assertQuiet(new GivenSources().environment("ENTREPOT_PROXY_REMOTEURL", url));
    assertQuiet(
        new GivenSources().environment("ENTREPOT_PROXY_REALMS", "https://a.example," + url));
    assertQuiet(new GivenSources().environment("ENTREPOT_HTTP_HOST", url));
    assertQuiet(new GivenSources().environment("ENTREPOT_OUTBOUND_HOST", url));
  }

  @Test
  void valuesStayOnOneLineAndShort() {
    assertThat(Findings.quote("a\nb\r\u2028\u001b[31mc")).isEqualTo("\"a?b???[31mc\"");
    assertThat(Findings.quote("x".repeat(10_000))).hasSizeLessThan(200).endsWith("…\"");
  }

  private static void assertQuiet(GivenSources sources) {
    ConfigurationException thrown =
        catchThrowableOfType(ConfigurationException.class, sources::read);
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      assertThat(each.toString()).isNotEmpty().doesNotContain(CANARY);
    }
    assertThat(thrown.problems()).isNotEmpty().noneMatch(line -> line.contains(CANARY));
  }
}
