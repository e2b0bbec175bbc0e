package io.entrepot.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.entrepot.access.Ways;
import io.entrepot.oci.Cidr;
import io.entrepot.routing.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Any bytes in a setting or a file of settings: a value, or an error in words. */
class SyntaxFuzzTest {
  private static Path folder;

  @BeforeAll
  static void create() throws IOException {
    folder = Files.createTempDirectory("syntax-fuzz");
  }

  @AfterAll
  static void delete() throws IOException {
    Files.deleteIfExists(folder.resolve("file.pem"));
    Files.deleteIfExists(folder.resolve("config.yml"));
    Files.deleteIfExists(folder);
  }

  @FuzzTest
  void values(byte[] data) {
    String text = new String(data, UTF_8);
    parsed(text, DurationSyntax::parse)
        .ifPresent(
            it -> {
              assertThat(it).isGreaterThanOrEqualTo(Duration.ZERO);
              assertThat(DurationSyntax.parse(it.toString())).isEqualTo(it);
            });
    parsed(text, SizeSyntax::parse).ifPresent(it -> assertThat(it).isNotNegative());
    parsed(text, Cidr::parse)
        .ifPresent(
            it -> {
              assertThat(Cidr.parse(it.toString())).isEqualTo(it);
              assertThat(it.contains(it.network())).isTrue();
            });
    parsed(text, Address::parse)
        .ifPresent(it -> assertThat(Address.parse(it.toString())).isEqualTo(it));
    parsed(text, UrlSyntax::registry)
        .ifPresent(it -> assertThat(it.getScheme()).isIn("http", "https"));
  }

  /** A rule is one, or the message says of one line what is wrong. */
  @FuzzTest
  void accessRules(byte[] data) {
    Names hub = new Names("docker.io", Set.of("docker.io"), Set.of(), true);
    Names ghcr = new Names("ghcr.io", Set.of("ghcr.io"), Set.of(), false);
    AccessRuleSyntax syntax =
        new AccessRuleSyntax(hub, List.of(ghcr), new WhoSyntax(new Ways(List.of()), List.of()));
    List<String> lines = new String(data, UTF_8).lines().toList();
    syntax.parseLines(
        lines,
        (line, problem) -> {
          assertThat(line).isBetween(1, lines.size());
          assertThat(problem).isNotBlank().hasSizeLessThan(1000).doesNotContain("\n");
        });
  }

  @FuzzTest
  void pemFiles(byte[] data) throws IOException {
    Path file = folder.resolve("file.pem");
    Files.write(file, data);
    parsed(file, PemFile::certificates).ifPresent(it -> assertThat(it).isNotEmpty());
    parsed(file, PemFile::key).ifPresent(it -> assertThat(it.getFormat()).isEqualTo("PKCS#8"));
  }

  @FuzzTest
  void configs(byte[] data) throws IOException {
    Path file = folder.resolve("config.yml");
    Files.write(file, data);
    try {
      Settings settings = new GivenSources().property("entrepot.config", file.toString()).read();
      assertThat(settings.proxy().url()).isNotNull();
    } catch (ConfigurationException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  private static <I, T> Optional<T> parsed(I text, Function<I, T> parse) {
    try {
      return Optional.of(parse.apply(text));
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(500);
      return Optional.empty();
    }
  }
}
