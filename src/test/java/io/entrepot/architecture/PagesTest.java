package io.entrepot.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages for people can be read in a terminal, and their links lead somewhere. */
class PagesTest {
  private static final int LONGEST_LINE = 170;
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:\\s]*)(?:#([^)\\s]+))?\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String folder :
        List.of(
            "",
            "docs",
            "docs/adr",
            "tomcat-conf",
            "jetty-conf",
            "ops",
            "deploy",
            "deploy/docker",
            "deploy/compose",
            "deploy/helm",
            "deploy/systemd")) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(folder), "*.md")) {
        files.forEach(pages::add);
      }
    }
    return pages;
  }

  @Test
  void readmeIsOnePage() throws IOException {
    assertThat(Files.readAllLines(Path.of("README.md"))).hasSizeLessThanOrEqualTo(90);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void noLineIsTooLong(Path page) throws IOException {
    assertThat(Files.readAllLines(page))
        .allMatch(line -> line.codePointCount(0, line.length()) <= LONGEST_LINE);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkLeadsToAFileAndAHeading(Path page) throws IOException {
    var links = LINK.matcher(Files.readString(page)).results().toList();
    for (var link : links) {
      Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1)).normalize();
      assertThat(target).as(link.group()).exists();
      if (link.group(2) != null) {
        assertThat(anchors(target)).as(link.group()).contains(link.group(2));
      }
    }
  }

  /** As GitHub makes them of headings. */
  private static Set<String> anchors(Path page) throws IOException {
    return HEADING
        .matcher(Files.readString(page))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}0-9 _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Test
  void decisionsAreNumberedWithoutGaps() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("docs/adr"))) {
      List<String> numbers =
          files.map(file -> file.getFileName().toString().substring(0, 4)).sorted().toList();
      assertThat(numbers)
          .isEqualTo(IntStream.rangeClosed(1, numbers.size()).mapToObj("%04d"::formatted).toList());
    }
  }
}
