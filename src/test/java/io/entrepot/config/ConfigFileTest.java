package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.upstream.auth.TrustedRealm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# nothing\n", "---\n", "~", "{}", "proxy:\n", "proxy: {}"})
  void emptyFileSetsNothing(String yaml) {
    assertSetsNothing(read(yaml));
  }

  @Test
  void textIsTakenAsWritten() {
    for (String text :
        List.of("0123", "1_000", "0x1F", "1e3", "yes", "12:30:45", "1.0", "2026-01-01")) {
      assertThat(read("proxy: {username: me, password: " + text + "}").proxy().login().access())
          .isEqualTo(new Access.Password(new Login("me", Secret.of(text))));
    }
  }

  @Test
  void listIsWrittenAsAListOrWithCommas() {
    List<TrustedRealm> realms =
        List.of(TrustedRealm.parse("https://a.example"), TrustedRealm.parse("https://b.example"));
    assertThat(read("proxy:\n  realms:\n  - https://a.example\n  - https://b.example\n").proxy())
        .extracting(upstream -> upstream.login().realms())
        .isEqualTo(realms);
    assertThat(
            read("proxy: {realms: 'https://a.example,https://b.example'}").proxy().login().realms())
        .isEqualTo(realms);
  }

  @Test
  void byteOrderMarkIsNoText() {
    assertThat(read("\uFEFFproxy: {maxfills: 7}").maxFills()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'proxy: {ttl: 1h, ttl: 2h}' | 'proxy.ttl: FILE line 1: the key is given twice'",
        "'proxy: {ttl: 1h}\n\nproxy: {expire: after-use}'"
            + " | 'proxy: FILE line 3: the key is given twice'",
        "'proxy: {ttl: 1h}\nproxy.ttl: 2h' | 'proxy.ttl: FILE line 2: the key is given twice'",
        "'proxy: {username: &a x, password: *a}'"
            + " | 'proxy.password: FILE line 1: aliases are not supported; write the value'",
        "'proxy: {realms: [{a: b}]}'"
            + " | 'proxy.realms: FILE line 1: expected a value, found keys or a list'",
        "'proxy: {ttl: !!binary aGk=}'"
            + " | 'proxy.ttl: FILE line 1: expected plain text, found binary'",
        "'proxy: {ttl: [1h]}'"
            + " | 'proxy.ttl: FILE line 1 is \"1h\"; expected duration (not a list)'",
        "'proxy: {ttl: {x: 1}}'"
            + " | 'proxy.ttl: FILE line 1: expected a value, found keys below it'",
        "'proxy: 1h' | 'proxy: FILE line 1: expected keys below it, found a value'",
        "'config: x.yml' | 'config: FILE line 1: a file cannot name another file'",
        "'- a' | 'config: FILE line 1: expected keys and values'",
        "'text' | 'config: FILE line 1: expected keys and values'",
        "'{}\n---\n{}' | 'config: FILE line 3: expected one document, found another'",
        "'proxy:\n  ttl: \"1h' | 'config: FILE line 2: not well-formed YAML, or nested too deep'",
        "'proxy:\n\t- x' | 'config: FILE line 2: not well-formed YAML, or nested too deep'"
      })
  void refuses(String yaml, String problem) {
    assertThat(problems(yaml))
        .contains(problem.replace("FILE", folder.resolve("config.yml").toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- "})
  void deepNestingIsRefused(String level) {
    String yaml = "proxy: {realms: " + level.repeat(ConfigFile.MAX_BYTES / level.length() - 20);
    assertThat(problems(yaml)).anyMatch(line -> line.endsWith("or nested too deep"));
  }

  @Test
  void aliasesAreNeverExpanded() {
    StringBuilder yaml =
        new StringBuilder("notifications:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 50; i++) {
      yaml.append(
          "  a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n".formatted(i, i, i - 1, i - 1, i - 1, i - 1));
    }
    assertThat(read(yaml.toString()).warnings()).hasSize(1);
  }

  @Test
  void largeFileIsRefused() {
    String largest = "#" + "x".repeat(ConfigFile.MAX_BYTES - 1);
    assertSetsNothing(read(largest));
    assertThat(problems(largest + "x"))
        .containsExactly(
            "config: system property entrepot.config is \"%s\"; expected path (the file is larger than 1 MiB)"
                .formatted(folder.resolve("config.yml")));
  }

  @Test
  void missingFileIsAProblem() {
    GivenSources sources = new GivenSources().environment("ENTREPOT_CONFIG", "/no/such.yml");
    assertThat(problems(sources))
        .containsExactly(
            "config: environment ENTREPOT_CONFIG is \"/no/such.yml\"; expected path (there is no"
                + " such file)");
  }

  @Test
  void folderIsNoFile() {
    GivenSources sources = new GivenSources().property("entrepot.config", folder.toString());
    assertThat(problems(sources))
        .singleElement()
        .asString()
        .startsWith("config: system property entrepot.config is")
        .contains("the file cannot be read");
  }

  @Test
  void pathThatCannotBeIsAProblem() {
    assertThat(problems(new GivenSources().property("entrepot.config", "a\0b")))
        .containsExactly(
            "config: system property entrepot.config is \"a?b\"; expected path (Nul character not"
                + " allowed)");
  }

  @Test
  void otherEncodingsAreRefused() throws IOException {
    Path file = folder.resolve("latin.yml");
    Files.write(file, "proxy: {username: é}".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(problems(new GivenSources().property("entrepot.config", file.toString())))
        .singleElement()
        .asString()
        .endsWith("(the file is not UTF-8)");
  }

  @Property(tries = 300)
  void anyFileIsReadOrRefused(
      @ForAll
          @Chars({
            'a', ':', ' ', '\n', '-', '[', ']', '{', '}', '&', '*', '!', '"', '\'', '|', '%', '<',
            '?', '#', '\t', '0', '~', ',', '\u0000', '\uFFFE'
          })
          @StringLength(max = 60)
          String yaml)
      throws IOException {
    Path temporary = Files.createTempDirectory("entrepot-config");
    try {
      GivenSources sources = new GivenSources().file(temporary, yaml);
      ConfigurationException thrown =
          catchThrowableOfType(ConfigurationException.class, sources::read);
      if (thrown != null) {
        assertThat(thrown.problems()).isNotEmpty().noneMatch(line -> line.contains("\n"));
      }
    } finally {
      Files.delete(temporary.resolve("config.yml"));
      Files.delete(temporary);
    }
  }

  /** Compares all settings. Only the remarks tell that there is a file. */
  private static void assertSetsNothing(Settings read) {
    Settings defaults = new GivenSources().read();
    assertThat(read.warnings()).isEqualTo(defaults.warnings());
    assertThat(
            new Settings(
                read.http(),
                read.upstreams(),
                read.storage(),
                read.expiry(),
                read.resources(),
                read.protection(),
                defaults.remarks()))
        .isEqualTo(defaults);
  }

  private Settings read(String yaml) {
    return new GivenSources().file(folder, yaml).read();
  }

  private List<String> problems(String yaml) {
    return problems(new GivenSources().file(folder, yaml));
  }

  private static List<String> problems(GivenSources sources) {
    return catchThrowableOfType(ConfigurationException.class, sources::read).problems();
  }
}
