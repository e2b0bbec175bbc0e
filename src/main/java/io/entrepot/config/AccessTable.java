package io.entrepot.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The settings that say who may pull, and who may do more. */
final class AccessTable {
  static final Setting<Path> HTPASSWD_PATH =
      new Setting<>(
          "auth.htpasswd.path",
          Syntax.path(),
          "",
          "A file of users with bcrypt hashes, as `htpasswd -B` writes it. With it, clients log in."
              + " A changed file is read again.");
  static final Setting<String> HTPASSWD_REALM =
      new Setting<>(
          "auth.htpasswd.realm",
          Syntax.realm(),
          "entrepot",
          "The name that clients show when they ask for a password.");
  static final Setting<Boolean> CONTAINER =
      new Setting<>(
          "auth.container",
          Syntax.bool(),
          "false",
          "Whether users of the server's own realm log in, with its roles as groups."
              + " [Realms](servers.md) says how each server is set up. `java -jar` has none.");
  static final Setting<Duration> TOKENLIFETIME =
      new Setting<>(
          "auth.tokenlifetime",
          Syntax.duration("60s", "1h"),
          "5m",
          "How long a token is valid that a client gets from this cache.");
  static final Setting<Boolean> LENIENT =
      new Setting<>(
          "auth.lenient",
          Syntax.bool(),
          "false",
          "Whether a client that asks for a token for a repository as a user who does not exist"
              + " counts as anonymous. Docker sends its login of Docker Hub to mirrors too.");
  static final Setting<List<String>> ACCESS =
      new Setting<>(
          "access",
          rules(),
          "",
          "Rules `WHO RIGHTS PATTERNS`, such as `anonymous pull library/*, user:ann pull,view **`."
              + " With `access`, `accessfile` or a way to log in, nobody may do what no rule gives."
              + " Without both, everybody who has logged in may pull.");
  static final Setting<Path> ACCESSFILE =
      new Setting<>(
          "accessfile",
          Syntax.path(),
          "",
          "A file of more rules, one a line. A changed file is read again. If it has an error, the"
              + " rules from before stay.");

  static final List<Setting<?>> ALL =
      Stream.of(
              List.of(HTPASSWD_PATH, HTPASSWD_REALM, CONTAINER),
              LdapTable.ALL,
              List.of(TOKENLIFETIME, LENIENT, ACCESS, ACCESSFILE))
          .<Setting<?>>flatMap(List::stream)
          .toList();

  private AccessTable() {}

  /** Whether a key of a file promises that not everybody may do everything. */
  static boolean protects(String key) {
    return key.startsWith("auth.") || key.equals(ACCESS.key()) || key.equals(ACCESSFILE.key());
  }

  /**
   * Rules of three or more words, with commas or line ends between them. A comma within the rights
   * does not end a rule: what has fewer words goes on behind the comma.
   */
  private static Syntax<List<String>> rules() {
    return new Syntax<>(
        "list of WHO RIGHTS PATTERNS",
        Syntax.Kind.LIST,
        text -> {
          List<String> rules = new ArrayList<>();
          String begun = "";
          for (String part : text.split("[,\n]", -1)) {
            String item = part.strip();
            begun = begun.isEmpty() ? item : begun + "," + item;
            if (begun.split("\\s+").length >= AccessRuleSyntax.MIN_WORDS) {
              rules.add(begun);
              begun = "";
            }
          }
          if (!begun.isEmpty()) {
            rules.add(begun);
          }
          return rules;
        });
  }
}
