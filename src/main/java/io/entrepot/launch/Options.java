package io.entrepot.launch;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The parsed command line.
 *
 * @param action what to do
 * @param settings keys and values of settings; the application checks them later
 */
record Options(Action action, Map<String, String> settings) {
  enum Action {
    SERVE,
    CHECK,
    HELP,
    VERSION
  }

  /** All options. An option with a key is a short form of that setting. */
  enum Option {
    ADDR("--addr", "HOST:PORT", "http.addr", "listen here; :5000 is all interfaces"),
    TLS_CERT("--tls-cert", "FILE", "http.tls.certificate", "speak TLS with this certificate, PEM"),
    TLS_KEY("--tls-key", "FILE", "http.tls.key", "and this key"),
    DATA("--data", "DIR", "storage.filesystem.rootdirectory", "keep blobs in this folder"),
    CONFIG("--config", "FILE", "config", "read this config.yml"),
    IMPORT("--import", "DIR", "import.dir", "take over the storage of a docker-registry"),
    SET("--set", "KEY=VALUE", "", "give any setting; may be repeated"),
    CHECK("--check", "", "", "look whether the settings, upstreams and the disk can be used"),
    HELP("--help", "", "", "print this; so does -h"),
    VERSION("--version", "", "", "print the version");

    /** Short names that are the same as an option. */
    private static final Map<String, Option> SHORT = Map.of("-h", HELP, "-V", VERSION);

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
      return Arrays.stream(values())
          .filter(option -> option.text.equals(text))
          .findFirst()
          .or(() -> Optional.ofNullable(SHORT.get(text)));
    }
  }

  /**
   * Reads a command line. {@code --option value} and {@code --option=value} mean the same. If an
   * option is repeated, the last value counts.
   */
  static Options parse(List<String> arguments) throws UsageException {
    Map<String, String> settings = new LinkedHashMap<>();
    Action action = walk(arguments, (option, key, value) -> settings.put(key, value));
    return new Options(action, settings);
  }

  /**
   * What was typed for each setting of a command line, such as {@code --addr} or {@code --set
   * proxy.ttl}.
   */
  static Map<String, String> typed(List<String> arguments) throws UsageException {
    Map<String, String> typed = new LinkedHashMap<>();
    walk(
        arguments,
        (option, key, value) ->
            typed.put(key, option == Option.SET ? option.text + " " + key : option.text));
    return typed;
  }

  /** Receives each setting of a command line. */
  @FunctionalInterface
  private interface Settings {
    void take(Option option, String key, String value);
  }

  private static Action walk(List<String> arguments, Settings settings) throws UsageException {
    Action action = Action.SERVE;
    for (Iterator<String> rest = arguments.iterator(); rest.hasNext(); ) {
      String argument = rest.next();
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String name = equals < 0 ? argument : argument.substring(0, equals);
      Option option =
          Option.of(name).orElseThrow(() -> new UsageException(UnknownOption.message(name)));
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
    return action;
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

  private static void put(Option option, String value, Settings settings) throws UsageException {
    if (option != Option.SET) {
      if (value.isEmpty() || value.startsWith("--")) {
        throw new UsageException(
            option.text + " needs a value: " + option.text + " " + option.value);
      }
      settings.take(option, option.key, value);
      return;
    }
    int equals = value.indexOf('=');
    if (equals <= 0) {
      throw new UsageException("--set needs a key and a value: --set KEY=VALUE");
    }
    settings.take(option, value.substring(0, equals), value.substring(equals + 1));
  }
}
