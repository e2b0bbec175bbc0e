package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets on the command line, where others on the machine can read them. */
class VisibleSecretsTest {
  private static final String VALUE = "me:canary-5f3a";

  private static GivenSources typed(String key, String value) {
    return new GivenSources()
        .property("entrepot.proxy.remoteurl", "https://registry.example")
        .property("entrepot.upstreams.names", "ghcr.io")
        .property("entrepot.upstreams.ghcr.io.url", "https://ghcr.io")
        .property("entrepot." + key, value)
        .argument("--set")
        .argument(key + "=" + value);
  }

  @ParameterizedTest
  @CsvSource({
    "proxy.credentials, ENTREPOT_PROXY_CREDENTIALS",
    "proxy.identitytoken, ENTREPOT_PROXY_IDENTITYTOKEN",
    "upstreams.ghcr.io.identitytoken, ENTREPOT_UPSTREAMS_GHCR_IO_IDENTITYTOKEN"
  })
  void eachIsWarnedOfOnceWithTheWayOutAndWithoutTheValue(String key, String variable) {
    assertThat(typed(key, VALUE).read().warnings())
        .singleElement()
        .asString()
        .startsWith(key + " is given on the command line, which others on this machine can read")
        .contains(variable, "config.yml")
        .doesNotContain("canary");
  }

  @Test
  void namesAndPasswordsApartAreTwoSettingsOfWhichOneIsSecret() {
    GivenSources given =
        typed("proxy.username", "me")
            .property("entrepot.proxy.password", VALUE)
            .argument("--set=proxy.password=" + VALUE)
            .property("entrepot.outbound.host", "proxy.example")
            .property("entrepot.outbound.port", "3128")
            .property("entrepot.outbound.username", "you")
            .property("entrepot.outbound.password", VALUE)
            .argument("-Dentrepot.outbound.password=" + VALUE);

    assertThat(given.read().warnings())
        .hasSize(2)
        .allMatch(warning -> warning.matches("(proxy|outbound)\\.password is given .*"))
        .noneMatch(warning -> warning.contains("canary"));
  }

  @Test
  void secretThatAStrongerSourceReplacesIsVisibleAllTheSame() {
    GivenSources given =
        typed("proxy.credentials", VALUE)
            .bind("java:comp/env/entrepot/proxy/credentials", "you:another");

    assertThat(given.read().warnings()).singleElement().asString().startsWith("proxy.credentials");
  }

  @ParameterizedTest
  @ValueSource(strings = {"environment", "catalina.properties", "file"})
  void secretOfAnotherSourceIsNotWarnedOf(String source, @TempDir Path folder) {
    GivenSources given = new GivenSources();
    switch (source) {
      case "environment" -> given.environment("ENTREPOT_PROXY_CREDENTIALS", VALUE);
      case "file" -> given.file(folder, "proxy: {credentials: '" + VALUE + "'}");
      default -> given.property("entrepot.proxy.credentials", VALUE);
    }

    assertThat(given.read().warnings()).isEmpty();
  }

  @Test
  void whatIsNoSecretIsNotWarnedOf() {
    assertThat(typed("proxy.ttl", "1h").read().warnings()).isEmpty();
  }

  @Test
  void commandLineOfThisProcessIsSeenWhole() {
    assertThat(SettingSources.ofThisProcess().commandLine()).contains("java").hasSizeGreaterThan(8);
    assertThat(SettingSources.ofThisProcess().toString()).doesNotContain("java");
  }
}
