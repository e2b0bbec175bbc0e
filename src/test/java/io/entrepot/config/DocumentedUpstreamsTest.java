package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.catalog.Pin;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration that docs/upstreams.md shows. */
class DocumentedUpstreamsTest {
  @TempDir Path folder;

  @Test
  void exampleIsValidAndMeansWhatItSays() throws IOException {
    String docs = Files.readString(Path.of("docs/upstreams.md"));
    String yaml = docs.substring(docs.indexOf("```yaml\n") + 8);
    yaml = yaml.substring(0, yaml.indexOf("```")).replace("/run/secrets", folder.toString());
    for (String name : List.of("hub", "ghcr")) {
      Files.writeString(folder.resolve(name), "a password");
    }
    Settings settings = new GivenSources().file(folder, yaml).read();

    assertThat(settings.warnings()).isEmpty();
    assertThat(settings.proxy().rules().freshness().rules())
        .extracting(rule -> rule.tags() + " " + rule.revalidate().map(Duration::toString))
        .containsExactly("v*.*.* " + Optional.empty(), "latest " + Optional.of("PT1M"));
    assertThat(settings.upstreams().others())
        .extracting(upstream -> upstream.names().name() + " " + upstream.url())
        .containsExactlyInAnyOrder(
            "ghcr.io https://ghcr.io",
            "registry.k8s.io https://registry.k8s.io",
            "lab https://registry.lab.example:5000");
    Settings.Upstream lab =
        settings.upstreams().others().stream()
            .filter(upstream -> upstream.names().name().equals("lab"))
            .findFirst()
            .orElseThrow();
    assertThat(lab.servers().mirrors()).containsExactly(URI.create("https://mirror.lab.example"));
    assertThat(lab.limits()).isEqualTo(new Settings.Limits(40, 50L << 20));
    assertThat(lab.restraint().failures()).isEqualTo(3);
    assertThat(lab.rules().freshness().revalidate()).isEqualTo(Duration.ofMinutes(10));
    assertThat(lab.login().access()).isEqualTo(new Access.Anonymous());
    assertThat(settings.upstreams().limits().requests()).isEqualTo(100);
    assertThat(settings.expiry().pins())
        .containsExactly(
            Pin.parse("docker.io/library/alpine:3.*"), Pin.parse("ghcr.io/owner/base"));
  }
}
