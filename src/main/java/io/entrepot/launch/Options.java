package io.entrepot.launch;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The parsed command line.
 *
 * @param action what to do
 * @param settings keys and values of settings; the application checks them later
 */
record Options(Action action, Map<String, String> settings) {
  enum Action {
    SERVE,
    HELP,
    VERSION
  }

  /** All options. An option with a key is a short form of that setting. */
  private enum Option {
    ADDR("--addr", "HOST:PORT", "http.addr", "listen here; :5000 is all interfaces"),
    TLS_CERT("--tls-cert", "FILE", "http.tls.certificate", "speak TLS with this certificate, PEM"),
    TLS_KEY("--tls-key", "FILE", "http.tls.key", "and this key"),
    DATA("--data", "DIR", "storage.filesystem.rootdirectory", "keep blobs in this folder"),
    CONFIG("--config", "FILE", "config", "read this config.yml"),
    IMPORT("--import", "DIR", "import.dir", "take over the storage of a docker-registry"),
    SET("--set", "KEY=VALUE", "", "give any setting; may be repeated"),
    HELP("--help", "", "", "print this"),
    VERSION("--version", "", "", "print the version");

    final String text;
    final String value;
    final String key;
    final String meaning;

    Option(String text, String value, String key, String meaning) {
      this.text = text;
      this.value = value;
      this.key = key;
      this.meaning = meaning;
    }

    static Optional<Option> of(String text) {
      return Arrays.stream(values()).filter(option -> option.text.equals(text)).findFirst();
    }
  }

  /**
   * Reads a command line. {@code --option value} and {@code --option=value} mean the same. If an
   * option is repeated, the last value counts.
   */
  static Options parse(List<String> arguments) throws UsageException {
    Action action = Action.SERVE;
    Map<String, String> settings = new LinkedHashMap<>();
    for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
      String argument = rest.next();
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String name = equals < 0 ? argument : argument.substring(0, equals);
      Option option = Option.of(name).orElseThrow(() -> new UsageException(unknown(name)));
      if (option.value.isEmpty()) {
        if (equals >= 0) {
          throw new UsageException(name + " takes no value");
        }
        action = action == Action.SERVE ? Action.valueOf(option.name()) : action;
        continue;
      }
      String value = equals >= 0 ? argument.substring(equals + 1) : following(option, rest);
      put(option, value, settings);
    }
    return new Options(action, settings);
  }

  /** The text for {@code --help}: one line for each option. */
  static String help() {
    return Arrays.stream(Option.values())
        .map(
            option ->
                "  %-18s %s%s\n"
                    .formatted(
                        (option.text + " " + option.value).strip(),
                        option.meaning,
                        option.key.isEmpty() ? "" : " (" + option.key + ")"))
        .collect(Collectors.joining());
  }

  private static String following(Option option, Iterator<String> rest) throws UsageException {
    if (!rest.hasNext()) {
      throw new UsageException(option.text + " needs a value: " + option.text + " " + option.value);
    }
    return rest.next();
  }

  private static void put(Option option, String value, Map<String, String> settings)
      throws UsageException {
    if (option != Option.SET) {
      if (value.isEmpty() || value.startsWith("--")) {
        throw new UsageException(
            option.text + " needs a value: " + option.text + " " + option.value);
      }
      settings.put(option.key, value);
      return;
    }
    int equals = value.indexOf('=');
    if (equals <= 0) {
      throw new UsageException("--set needs a key and a value: --set KEY=VALUE");
    }
    settings.put(value.substring(0, equals), value.substring(equals + 1));
  }

  private static String unknown(String name) {
    if (!name.startsWith("-")) {
      return "unexpected argument " + name;
    }
    return nearest(name)
        .map(known -> "unknown option " + name + "; did you mean " + known + "?")
        .orElse("unknown option " + name);
  }

  private static Optional<String> nearest(String name) {
    return IntStream.rangeClosed(1, 2)
        .boxed()
        .flatMap(
            edits ->
                Arrays.stream(Option.values())
                    .map(option -> option.text)
                    .filter(known -> within(edits, name, known)))
        .findFirst();
  }

  /**
   * Whether at most {@code edits} insertions, deletions or replacements turn one text into the
   * other. {@code config} has the same method, but the launcher cannot load classes of WEB-INF.
   */
  private static boolean within(int edits, String from, String to) {
    if (edits < 0 || from.isEmpty() || to.isEmpty()) {
      return from.length() + to.length() <= edits;
    }
    String fromRest = from.substring(1);
    String toRest = to.substring(1);
    if (from.charAt(0) == to.charAt(0)) {
      return within(edits, fromRest, toRest);
    }
    return within(edits - 1, fromRest, toRest)
        || within(edits - 1, fromRest, to)
        || within(edits - 1, from, toRest);
  }
}
