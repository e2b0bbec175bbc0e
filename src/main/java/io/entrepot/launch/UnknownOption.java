package io.entrepot.launch;

import io.entrepot.launch.Options.Option;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The message for an option that does not exist. It names the option that was meant. */
final class UnknownOption {
  /** What other programs call our options. */
  private static final Map<String, Option> OTHER_NAMES =
      Map.ofEntries(
          Map.entry("--port", Option.ADDR),
          Map.entry("-p", Option.ADDR),
          Map.entry("--listen", Option.ADDR),
          Map.entry("--bind", Option.ADDR),
          Map.entry("--host", Option.ADDR),
          Map.entry("--address", Option.ADDR),
          Map.entry("--cert", Option.TLS_CERT),
          Map.entry("--certificate", Option.TLS_CERT),
          Map.entry("--key", Option.TLS_KEY),
          Map.entry("--dir", Option.DATA),
          Map.entry("--data-dir", Option.DATA),
          Map.entry("--storage", Option.DATA),
          Map.entry("--root", Option.DATA),
          Map.entry("-c", Option.CONFIG),
          Map.entry("--config-file", Option.CONFIG),
          Map.entry("-help", Option.HELP),
          Map.entry("-?", Option.HELP),
          Map.entry("-v", Option.VERSION),
          Map.entry("-version", Option.VERSION));

  /** Settings that other programs have an option for. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "--upstream", "proxy.remoteurl",
          "--remote", "proxy.remoteurl",
          "--remoteurl", "proxy.remoteurl",
          "--username", "proxy.username",
          "--password", "proxy.password",
          "--ttl", "proxy.ttl");

  private UnknownOption() {}

  /** The message, without the value that was given. */
  static String message(String name) {
    if (!name.startsWith("-")) {
      return "unexpected argument " + name;
    }
    return "unknown option " + name + hint(name).map(hint -> "; " + hint).orElse("");
  }

  private static Optional<String> hint(String name) {
    Option same = OTHER_NAMES.get(name);
    if (same != null) {
      return Optional.of("write " + (same.text + " " + same.value).strip());
    }
    String setting = SETTINGS.get(name);
    if (setting == null && name.startsWith("--") && name.indexOf('.') > 0) {
      setting = name.substring(2);
    }
    if (setting != null) {
      return Optional.of("write --set " + setting + "=VALUE");
    }
    return nearest(name).map(known -> "did you mean " + known + "?");
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
