package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsPrecedenceTest {
  @TempDir Path folder;

  @Test
  void strongerSourceWins() {
    GivenSources sources = new GivenSources();
    assertThat(ttl(sources)).isEqualTo(Duration.ofDays(7));
    List<Consumer<GivenSources>> fromWeakest =
        List.of(
            s -> s.file(folder, "proxy: {ttl: 1h}"),
            s -> s.environment("ENTREPOT_PROXY_TTL", "2h"),
            s -> s.property("entrepot.proxy.ttl", "3h"),
            s -> s.bind("entrepot/proxy/ttl", "4h"),
            s -> s.bind("java:global/entrepot/proxy/ttl", "5h"),
            s -> s.bind("java:comp/env/entrepot/proxy/ttl", "6h"));
    for (int hours = 1; hours <= fromWeakest.size(); hours++) {
      fromWeakest.get(hours - 1).accept(sources);
      assertThat(ttl(sources)).isEqualTo(Duration.ofHours(hours));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n"})
  void blankIsAsIfNotGiven(String blank) {
    GivenSources sources =
        new GivenSources()
            .bind("java:comp/env/entrepot/proxy/ttl", blank)
            .property("entrepot.proxy.ttl", blank)
            .environment("ENTREPOT_PROXY_TTL", blank)
            .environment("ENTREPOT_CONFIG", blank);
    assertThat(ttl(sources)).isEqualTo(Duration.ofDays(7));
    assertThat(ttl(sources.file(folder, "proxy: {ttl: 1h}"))).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void nullInTheFileIsAsIfNotGiven() {
    GivenSources sources = new GivenSources().file(folder, "proxy: {ttl: , expire: ''}\nhttp:\n");
    assertThat(ttl(sources)).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void fileIsFoundThroughEverySource() {
    String file = folder.resolve("config.yml").toString();
    new GivenSources().file(folder, "proxy: {ttl: 1h}");
    List.of(
            new GivenSources().bind("java:comp/env/entrepot/config", file),
            new GivenSources().property("entrepot.config", file),
            new GivenSources().environment("ENTREPOT_CONFIG", file))
        .forEach(sources -> assertThat(ttl(sources)).isEqualTo(Duration.ofHours(1)));
  }

  @Test
  void spacesAroundValuesAreRemovedExceptFromSecrets() {
    Settings.Upstream proxy =
        new GivenSources()
            .environment("ENTREPOT_PROXY_TTL", " 1h\n")
            .environment("ENTREPOT_PROXY_USERNAME", "me ")
            .environment("ENTREPOT_PROXY_PASSWORD", " word ")
            .read()
            .proxy();
    assertThat(proxy.rules().expiry().ttl()).isEqualTo(Duration.ofHours(1));
    assertThat(proxy.login().access())
        .isEqualTo(new Access.Password(new Login("me", Secret.of(" word "))));
  }

  @Test
  void numbersAndBooleansInJndiAreTakenByTheirText() {
    Settings settings =
        new GivenSources()
            .bind("java:comp/env/entrepot/proxy/maxfills", 7)
            .bind("java:comp/env/entrepot/proxy/maxconnections", (short) 70)
            .bind("java:comp/env/entrepot/storage/reserve", 4096L)
            .bind("java:comp/env/entrepot/proxy/ttl", 0)
            .bind("java:comp/env/entrepot/proxy/keepdeleted", true)
            .read();
    assertThat(settings.maxFills()).isEqualTo(7);
    assertThat(settings.proxy().wire().maxConnections()).isEqualTo(70);
    assertThat(settings.storage().space().reserve()).isEqualTo(4096);
    assertThat(settings.proxy().rules().expiry().ttl()).isZero();
    assertThat(settings.proxy().rules().freshness().keepDeleted()).isTrue();
  }

  @Test
  void realmOfDockerHubIsNotTheRealmOfOthers() {
    assertThat(realms("https://ghcr.io")).isEmpty();
    assertThat(realms("https://docker.io")).hasSize(1);
    assertThat(realms("https://index.docker.io")).hasSize(1);
  }

  @Test
  void sourcesOfThisProcessAreItsOwn() {
    SettingSources sources = SettingSources.ofThisProcess();
    assertThat(sources.environment()).isEqualTo(System.getenv());
    assertThat(sources.systemProperties())
        .containsEntry("java.home", System.getProperty("java.home"));
    assertThat(sources.jndi().find("entrepot/proxy/ttl")).isEmpty();
  }

  private static Duration ttl(GivenSources sources) {
    return sources.read().proxy().rules().expiry().ttl();
  }

  private static List<?> realms(String upstream) {
    return new GivenSources()
        .property("entrepot.proxy.remoteurl", upstream)
        .read()
        .proxy()
        .login()
        .realms();
  }
}
