package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.PasswordAuthentication;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways to set credentials, and the errors if two ways are used. */
class AccessReaderTest {
  private static final String JNDI = "java:comp/env/entrepot/proxy/credentials";

  @TempDir Path folder;

  private static Access access(GivenSources sources) {
    return sources.read().proxy().login().access();
  }

  private static List<String> problems(GivenSources sources) {
    return catchThrowableOfType(ConfigurationException.class, sources::read).problems();
  }

  @Test
  void jndiBindsATextOrAPasswordAuthentication() {
    Access expected = new Access.Password(new Login("me", Secret.of("a:b ")));
    assertThat(access(new GivenSources().bind(JNDI, "me:a:b "))).isEqualTo(expected);
    assertThat(
            access(
                new GivenSources()
                    .bind(JNDI, new PasswordAuthentication("me", "a:b ".toCharArray()))))
        .isEqualTo(expected);
  }

  @Test
  void otherTypesInJndiAreNamed() {
    assertThat(problems(new GivenSources().bind(JNDI, new Object())))
        .containsExactly(
            "proxy.credentials: JNDI java:comp/env/entrepot/proxy/credentials is a java.lang.Object;"
                + " expected a java.lang.String or java.net.PasswordAuthentication (user"
                + " name:password)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"me", ":x", "me:"})
  void credentialsAreTwo(String text) {
    assertThat(problems(new GivenSources().bind(JNDI, text)))
        .containsExactly(
            "proxy.credentials: JNDI java:comp/env/entrepot/proxy/credentials is ***; expected user"
                + " name:password (with a colon between name and password)");
  }

  @Test
  void passwordAuthenticationWithoutAUserIsNoCredentials() {
    PasswordAuthentication nobody = new PasswordAuthentication(null, "x".toCharArray());
    assertThat(problems(new GivenSources().bind(JNDI, nobody)))
        .singleElement()
        .asString()
        .contains("expected user name:password");
  }

  @Test
  void tokenUserMakesItAnIdentityToken() {
    assertThat(access(new GivenSources().bind(JNDI, "<token>:t")))
        .isEqualTo(new Access.IdentityToken(Secret.of("t")));
  }

  @Test
  void passwordStandsInOnePlace() throws Exception {
    Path file = Files.writeString(folder.resolve("password"), "x");
    GivenSources sources = new GivenSources().property("entrepot.proxy.passwordfile", "" + file);
    assertThat(problems(sources))
        .containsExactly(
            "proxy.username: it is missing, but proxy.passwordfile is given by system property"
                + " entrepot.proxy.passwordfile; give both or neither");
    sources.environment("ENTREPOT_PROXY_USERNAME", "me");
    assertThat(access(sources)).isEqualTo(new Access.PasswordFile("me", file));
    sources.environment("ENTREPOT_PROXY_PASSWORD", "x");
    assertThat(problems(sources))
        .containsExactly(
            "proxy.passwordfile: it is given by system property entrepot.proxy.passwordfile, and"
                + " proxy.password is given by environment ENTREPOT_PROXY_PASSWORD; give only one"
                + " of them");
  }

  @ParameterizedTest
  @CsvSource({
    "ENTREPOT_PROXY_IDENTITYTOKEN, t",
    "ENTREPOT_PROXY_CREDENTIALS, me:x",
    "ENTREPOT_PROXY_DOCKERCONFIG, pom.xml",
    "ENTREPOT_PROXY_EXEC_COMMAND, docker-credential-x",
  })
  void thereIsOneWayAtATime(String variable, String value) {
    GivenSources sources =
        new GivenSources()
            .property("entrepot.proxy.username", "me")
            .property("entrepot.proxy.password", "x")
            .environment(variable, value);
    assertThat(problems(sources))
        .singleElement()
        .asString()
        .contains(
            "it is given by environment " + variable + ", and proxy.username is given by",
            "give only one of them");
  }

  @Test
  void filesAreLookedForFromTheHomeFolder() throws Exception {
    Path file = Files.writeString(folder.resolve("config.json"), "{}");
    GivenSources sources =
        new GivenSources()
            .property("user.home", folder.toString())
            .environment("ENTREPOT_PROXY_DOCKERCONFIG", "~/config.json");
    assertThat(access(sources)).extracting("file").isEqualTo(file);
  }

  @Test
  void helpersAreLookedForAlongThePath() {
    GivenSources sources =
        new GivenSources()
            .environment("PATH", "/usr/bin:.::bin:/opt/bin")
            .environment("ENTREPOT_PROXY_EXEC_COMMAND", "ecr-login");
    assertThat(access(sources))
        .extracting("helpers.folders")
        .isEqualTo(List.of(Path.of("/usr/bin"), Path.of("/opt/bin")));
  }

  @Test
  void descriptionOfCredentialsHasNoSecret() {
    assertThat(new Access.Anonymous().who()).isEqualTo("none");
    assertThat(new Access.Password(new Login("me", Secret.of("x"))).who()).isEqualTo("user me");
    assertThat(new Access.IdentityToken(Secret.of("x")).who()).isEqualTo("an identity token");
  }
}
