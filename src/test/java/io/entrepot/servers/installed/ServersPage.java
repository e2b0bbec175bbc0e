package io.entrepot.servers.installed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The commands of one section of docs/servers.md.
 *
 * @param blocks the first one installs the server; one that follows "To restart it:" restarts it
 * @param realm the commands or elements that set up the realm, with passwords in them
 */
record ServersPage(List<String> blocks, List<String> realm) {
  /** The password of the user that the page adds to a realm. */
  static final String PASSWORD = "the-password";

  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ANY_BLOCK = Pattern.compile("```\\w+\n(.*?)```", Pattern.DOTALL);

  static ServersPage of(String section) throws IOException {
    String page = Files.readString(Path.of("docs/servers.md"));
    String heading = "\n## " + section + "\n";
    int begin = page.indexOf(heading);
    if (begin < 0) {
      throw new AssertionError("docs/servers.md has no section " + section);
    }
    int end = page.indexOf("\n## ", begin + heading.length());
    String text = page.substring(begin, end < 0 ? page.length() : end);
    String realm = text.substring(text.indexOf("\nIts realm, "));
    return new ServersPage(
        blocks(BLOCK, text),
        blocks(ANY_BLOCK, realm).stream()
            .map(block -> block.replace("\"...\"", '"' + PASSWORD + '"'))
            .toList());
  }

  private static List<String> blocks(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(block -> block.group(1)).toList();
  }

  /** The lines that install and start the server, without comments and empty ones. */
  List<String> installation() {
    return lines(blocks.get(0));
  }

  /** The lines that restart a server that runs in the background. */
  List<String> restart() {
    return lines(blocks.get(1));
  }

  /** The lines that set up the realm, where they are commands. */
  List<String> realmCommands() {
    return lines(realm.get(0));
  }

  private static List<String> lines(String block) {
    return block.lines().filter(line -> !line.isBlank()).toList();
  }
}
