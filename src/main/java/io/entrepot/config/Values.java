package io.entrepot.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The values of all settings for one upstream. A bad value is reported and then treated as not
 * given, so that all other settings are checked too.
 */
final class Values {
  /** The largest file with a secret, in bytes. */
  private static final int MAX_SECRET = 4096;

  private final SettingSources sources;
  private final Findings findings;
  private final Givens givens;
  private final UpstreamKeys keys;

  /**
   * The parsed values. Each is parsed once, so that a bad value is reported only once if other
   * upstreams take it over.
   */
  private final Map<Setting<?>, Optional<?>> parsed;

  /** Reads all sources. The values are those of the default upstream. */
  Values(SettingSources sources, Findings findings) {
    this(sources, findings, new Givens(sources, findings), UpstreamKeys.DEFAULT, new HashMap<>());
  }

  private Values(
      SettingSources sources,
      Findings findings,
      Givens givens,
      UpstreamKeys keys,
      Map<Setting<?>, Optional<?>> parsed) {
    this.sources = sources;
    this.findings = findings;
    this.givens = givens;
    this.keys = keys;
    this.parsed = parsed;
  }

  /**
   * The values for another upstream. It takes over values that it does not have itself from the
   * default upstream.
   */
  Values of(UpstreamKeys others) {
    return new Values(sources, findings, givens, others, parsed);
  }

  /**
   * The value of this upstream; else the value of the default upstream; else the default of the
   * setting.
   */
  <T> T value(Setting<T> setting) {
    return given(setting)
        .or(() -> parsed(setting))
        .orElseGet(() -> setting.syntax().parser().apply(setting.fallback()));
  }

  /** The value that was given for this upstream itself; empty if none or a bad one was given. */
  <T> Optional<T> given(Setting<T> setting) {
    return parsed(keys.own(setting));
  }

  @SuppressWarnings("unchecked") // an entry has the type of its key
  private <T> Optional<T> parsed(Setting<T> own) {
    Optional<?> known = parsed.get(own);
    if (known == null) {
      known = givens.find(own).flatMap(given -> own.parse(given, findings));
      parsed.put(own, known);
    }
    return (Optional<T>) known;
  }

  /** Whether any value was given, valid or not. */
  boolean isGiven(Setting<?> setting) {
    return givens.find(keys.own(setting)).isPresent();
  }

  /** The key of a setting for this upstream. */
  String key(Setting<?> setting) {
    return keys.own(setting).key();
  }

  /**
   * The given list, with each item replaced by other items.
   *
   * @param change makes the other items. If it throws {@link IllegalArgumentException}, the message
   *     is reported as a hint.
   */
  <T> List<T> each(Setting<List<T>> setting, Function<T, Stream<T>> change) {
    try {
      return given(setting).orElse(List.of()).stream().flatMap(change).distinct().toList();
    } catch (IllegalArgumentException e) {
      bad(setting, String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  /** The source of the value that is used, for messages. */
  String source(Setting<?> setting) {
    return effective(setting).source();
  }

  /** Reports that the value that is used is not valid. */
  void bad(Setting<?> setting, String hint) {
    findings.badValue(keys.own(setting), effective(setting), hint);
  }

  private Given effective(Setting<?> setting) {
    return givens
        .find(keys.own(setting))
        .or(() -> givens.find(setting))
        .orElseGet(() -> new Given(setting.fallback(), "default"));
  }

  /**
   * Makes a path absolute and normalises it. {@code ~} is the home folder. In a container the user
   * may have none.
   */
  Path absolute(Setting<?> setting, Path path) {
    if (!path.startsWith("~")) {
      return path.toAbsolutePath().normalize();
    }
    Path home = Path.of(sources.systemProperties().getOrDefault("user.home", ""));
    if (!home.isAbsolute()) {
      bad(setting, "this user has no home folder");
    }
    return home.resolve(Path.of("~").relativize(path)).toAbsolutePath().normalize();
  }

  /** The given file, as an absolute path. Reports a file that does not exist or cannot be read. */
  Optional<Path> file(Setting<Path> setting) {
    Optional<Path> file = given(setting).map(path -> absolute(setting, path));
    file.ifPresent(
        path -> {
          if (!Files.isRegularFile(path)) {
            bad(setting, Files.exists(path) ? "it is not a file" : "there is no such file");
          } else if (!Files.isReadable(path)) {
            bad(setting, "this user may not read the file");
          }
        });
    return file;
  }

  /** The secret in a small file, without the line end. Reports a file that has none. */
  Secret secretIn(Setting<Path> setting) {
    Optional<Path> file = file(setting);
    try {
      Optional<byte[]> content =
          file.isEmpty() ? Optional.empty() : SmallFile.read(file.get(), MAX_SECRET);
      String secret = content.map(bytes -> new String(bytes, UTF_8).strip()).orElse("");
      if (secret.isEmpty()) {
        bad(setting, "it has no password");
      }
      return Secret.of(secret);
    } catch (IOException e) {
      bad(setting, "it cannot be read");
      return Secret.of("");
    }
  }

  /** A user name with its password. Reports an error if only one of them was given. */
  Optional<Login> login(Setting<String> username, Setting<Secret> password) {
    requireBeside(username, password);
    requireBeside(password, username);
    Optional<Secret> secret = given(password);
    return given(username).flatMap(name -> secret.map(hidden -> new Login(name, hidden)));
  }

  /** Reports an error if {@code setting} is given and {@code other}, which it needs, is missing. */
  void requireBeside(Setting<?> setting, Setting<?> other) {
    if (isGiven(setting) && !isGiven(other)) {
      findings.problem(
          key(other),
          "it is missing, but %s is given by %s; give both or neither"
              .formatted(key(setting), source(setting)));
    }
  }

  /** The names of all upstreams except the default one, in order. */
  List<String> upstreams() {
    return givens.upstreams();
  }

  /** The names of all OpenID Connect providers, in order. */
  List<String> oidcProviders() {
    return givens.oidcProviders();
  }

  /** All settings as people see them. */
  List<ChosenSetting> chosen() {
    return ChosenSettings.of(givens);
  }

  /** Reports what does not concern one value: names of no setting, and secrets in plain sight. */
  void reportAll() {
    givens.reportUnknown();
    givens.reportVisibleSecrets();
  }
}
