package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The settings of upstreams that are asked for each client, and what stops a deployment (S1, S39).
 */
class ClientCredentialsSettingsTest {
  @TempDir Path folder;

  private Settings read(String yaml) throws Exception {
    return new GivenSources().file(folder, yaml).read();
  }

  private List<String> problems(String yaml) throws Exception {
    GivenSources sources = new GivenSources().file(folder, yaml);
    return catchThrowableOfType(ConfigurationException.class, sources::read).problems();
  }

  @Test
  void otherUpstreamsDoNotTakeItOver() throws Exception {
    Settings read =
        read(
            """
            proxy: {remoteurl: https://one.example, clientcredentials: true, clientcredentialslifetime: 1m}
            upstreams:
              two.example: {}
              three.example: {clientcredentials: true, hosts: three.cache.example}
            """);
    assertThat(read.upstreams().all())
        .extracting(upstream -> upstream.login().access())
        .containsExactly(
            new Access.OfClients(Duration.ofMinutes(1)),
            new Access.Anonymous(),
            new Access.OfClients(Duration.ofMinutes(1)));
    assertThat(read.protection().orElseThrow().rules().rules())
        .extracting(rule -> rule.text())
        .containsExactly("anonymous pull **");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "username: ann, password: x        | proxy.username: it is given by",
        "dockerconfig: FILE                | proxy.dockerconfig: it is given by",
        "mirrors: ['https://a.example']    | proxy.mirrors: it is given by",
        "offline: true                     | proxy.offline: it is given by",
        "anonymousfallback: true           | proxy.anonymousfallback: it is given by",
        "insecure: true                    | proxy.insecure: it is given by",
      })
  void itStandsAlone(String beside, String problem) throws Exception {
    String file = Files.writeString(folder.resolve("config.json"), "{}").toString();
    assertThat(problems("proxy: {clientcredentials: true, " + beside.replace("FILE", file) + "}"))
        .singleElement()
        .asString()
        .startsWith(problem);
  }

  @Test
  void aPasswordLeadsToOnePlace() throws Exception {
    String users = Files.writeString(folder.resolve("users"), "").toString();
    String alone = "proxy: {clientcredentials: true}\n";
    assertThat(problems(alone + "auth: {htpasswd: {path: " + users + "}}"))
        .singleElement()
        .asString()
        .startsWith("proxy.hosts: it is missing: auth.htpasswd.path also asks for passwords");
    assertThat(problems(alone + "auth: {container: true}")).hasSize(1);
    assertThat(problems(alone + "upstreams: {two.example: {clientcredentials: true}}"))
        .singleElement()
        .asString()
        .startsWith("upstreams.two.example.hosts: it is missing");

    String byHost = "proxy: {clientcredentials: true, hosts: hub.cache.example}\n";
    assertThat(read(byHost + "auth: {htpasswd: {path: " + users + "}}").protection()).isPresent();
  }
}
