package io.entrepot.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The values of all settings for one upstream. A bad value is noted and counts as not given, so
 * that the other settings are checked as well.
 */
final class Values {
  private final SettingSources sources;
  private final Findings findings;
  private final Givens givens;
  private final UpstreamKeys keys;

  /**
   * Each value is parsed once, so that a bad one is reported once if other upstreams inherit it.
   */
  private final Map<Setting<?>, Optional<?>> parsed;

  /** Reads all sources; has the values for the default upstream. */
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

  /** The values for another upstream: its own ones where it has them. */
  Values of(UpstreamKeys others) {
    return new Values(sources, findings, givens, others, parsed);
  }

  /** What this upstream has; else what the default upstream has; else the default. */
  <T> T value(Setting<T> setting) {
    return given(setting)
        .or(() -> parsed(setting))
        .orElseGet(() -> setting.syntax().parser().apply(setting.fallback()));
  }

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

  /** Whether anything was given, good or bad. */
  boolean isGiven(Setting<?> setting) {
    return givens.find(keys.own(setting)).isPresent();
  }

  /** The key of a setting for this upstream. */
  String key(Setting<?> setting) {
    return keys.own(setting).key();
  }

  /**
   * What was given, with each item turned into others.
   *
   * @param change throws {@link IllegalArgumentException} with a hint where it cannot, which is
   *     reported
   */
  <T> List<T> each(Setting<List<T>> setting, Function<T, Stream<T>> change) {
    try {
      return given(setting).orElse(List.of()).stream().flatMap(change).distinct().toList();
    } catch (IllegalArgumentException e) {
      bad(setting, String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  /** Where the value comes from, for people. */
  String source(Setting<?> setting) {
    return effective(setting).source();
  }

  /** Reports that the value in effect is not valid. */
  void bad(Setting<?> setting, String hint) {
    findings.badValue(keys.own(setting), effective(setting), hint);
  }

  private Given effective(Setting<?> setting) {
    return givens
        .find(keys.own(setting))
        .or(() -> givens.find(setting))
        .orElseGet(() -> new Given(setting.fallback(), "default"));
  }

  /** Makes a path absolute and normal. {@code ~} is the home folder; a container may have none. */
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

  /** The file that was given; reports it if it cannot be read. */
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

  /** A name and a password, given both or neither. */
  Optional<Login> login(Setting<String> username, Setting<Secret> password) {
    requireBeside(username, password);
    requireBeside(password, username);
    Optional<Secret> secret = given(password);
    return given(username).flatMap(name -> secret.map(hidden -> new Login(name, hidden)));
  }

  /** Reports that {@code other} is missing if {@code setting}, which needs it, is given. */
  void requireBeside(Setting<?> setting, Setting<?> other) {
    if (isGiven(setting) && !isGiven(other)) {
      findings.problem(
          key(other),
          "it is missing, but %s is given by %s; give both or neither"
              .formatted(key(setting), source(setting)));
    }
  }

  /** The upstreams besides the default one, in order. */
  List<String> upstreams() {
    return givens.upstreams();
  }

  void reportUnknown() {
    givens.reportUnknown();
  }
}
