package io.entrepot.servers.installed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The commands that a README tells people to run. */
record Readme(List<String> blocks) {
  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

  static Readme of(Path file) throws IOException {
    return new Readme(
        BLOCK.matcher(Files.readString(file)).results().map(block -> block.group(1)).toList());
  }

  /** What {@code export} says of a variable in the first block. */
  String exported(String variable) {
    return first(Pattern.compile("(?m)^export .*\\b" + variable + "=(\\S+)"));
  }

  /**
   * The commands of the first block between the {@code export} and the paragraph that starts it.
   */
  String installation() {
    return first(Pattern.compile("^export [^\n]*\n\n(.*\n)\n[^\n]+\n[^\n]+\n$", Pattern.DOTALL));
  }

  /** The command of the first block that starts the server. */
  String start() {
    return first(Pattern.compile("\n\n([^\n]+)\n[^\n]+\n$"));
  }

  private String first(Pattern pattern) {
    var matcher = pattern.matcher(blocks.get(0));
    if (!matcher.find()) {
      throw new AssertionError(pattern + " is not in:\n" + blocks.get(0));
    }
    return matcher.group(1);
  }

  /** The one block in which this stands. */
  String with(String text) {
    List<String> found = blocks.stream().filter(block -> block.contains(text)).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " blocks have " + text);
    }
    return found.get(0);
  }
}
