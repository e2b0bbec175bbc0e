package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * docs/settings.md has the settings table, between two markers. With {@code -Dsettings.write} the
 * page is written instead of compared.
 */
class SettingsPageTest {
  private static final Path PAGE = Path.of("docs/settings.md");
  private static final String BEGIN = "<!-- settings -->\n";
  private static final String END = "<!-- /settings -->\n";

  /** As much of a text as fits on a line, with its indentation. */
  private static final Pattern LINE = Pattern.compile("(.{1,116})(?: |$)");

  @Test
  void pageHasEverySettingOfTheTable() throws IOException {
    String page = Files.readString(PAGE);
    assertThat(page).containsOnlyOnce(BEGIN).containsOnlyOnce(END);
    String before = page.substring(0, page.indexOf(BEGIN) + BEGIN.length());
    String after = page.substring(page.indexOf(END));
    if (Boolean.getBoolean("settings.write")) {
      Files.writeString(PAGE, before + sections() + after);
      return;
    }
    assertThat(page)
        .as("%s; write it anew with mvn test -Dtest=SettingsPageTest -Dsettings.write", PAGE)
        .isEqualTo(before + sections() + after);
  }

  private static String sections() {
    StringBuilder text = new StringBuilder();
    for (SettingsSections.Section section : SettingsSections.all()) {
      text.append("\n## ").append(section.title()).append("\n\n");
      if (!section.about().isEmpty()) {
        text.append(LINE.matcher(section.about()).replaceAll("$1\n")).append('\n');
      }
      section.settings().forEach(setting -> text.append(entry(setting)));
    }
    return text.append('\n').toString();
  }

  private static String entry(Setting<?> setting) {
    String fallback = setting.fallback().isEmpty() ? "" : ", default `" + setting.fallback() + "`";
    String text =
        "**`%s`** (%s%s): %s"
            .formatted(setting.key(), setting.syntax().expected(), fallback, setting.meaning());
    return LINE.matcher(text).replaceAll("  $1\n").replaceFirst("  ", "- ");
  }
}
