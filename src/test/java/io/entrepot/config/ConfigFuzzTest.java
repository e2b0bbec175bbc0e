package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Corpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.commons.io.FileUtils;

/**
 * Files that are nearly valid: the result is settings or a list of problems, and never another
 * exception.
 */
class ConfigFuzzTest {
  private static final Corpus CORPUS = Corpus.read("configs");

  private static Path folder;

  @BeforeContainer
  static void create() throws IOException {
    folder = Files.createTempDirectory("config-fuzz");
  }

  @AfterContainer
  static void delete() throws IOException {
    FileUtils.deleteDirectory(folder.toFile());
  }

  @Example
  void corpusIsReplayed() {
    CORPUS.texts().forEach(ConfigFuzzTest::assertReadOrRefused);
  }

  @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
  void mutantsAreReadOrRefused(@ForAll long seed) {
    assertReadOrRefused(CORPUS.mutant(seed));
  }

  private static void assertReadOrRefused(String yaml) {
    String what = Corpus.escape(yaml);
    try {
      Settings settings = new GivenSources().file(folder, yaml).read();
      assertThat(settings.proxy().url()).as(what).isNotNull();
    } catch (ConfigurationException e) {
      assertThat(e.getMessage()).as(what).isNotBlank();
    } catch (RuntimeException e) {
      throw new AssertionError("config.yml: " + what, e);
    }
  }
}
