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
 * The values of the settings of one start, as one upstream sees them. A bad one is noted, and taken
 * as not given, so that the rest is checked as well.
 */
final class Values {
  private final Sources sources;
  private final Findings findings;
  private final Givens givens;
  private final UpstreamKeys keys;

  /** So that a bad value is reported once, however many upstreams inherit it. */
  private final Map<Setting<?>, Optional<?>> parsed;

  /** Reads all sources; sees the settings as the default upstream does. */
  Values(Sources sources, Findings findings) {
    this(sources, findings, new Givens(sources, findings), UpstreamKeys.DEFAULT, new HashMap<>());
  }

  private Values(
      Sources sources,
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

  /** The same values as another upstream sees them: its own in the place of the default one's. */
  Values of(UpstreamKeys others) {
    return new Values(sources, findings, givens, others, parsed);
  }

  /** What was given, or else what was given for the default upstream, or else the default. */
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

  /** What a setting is called where this upstream has its own. */
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

  /** Reports that the value in effect is none. */
  void bad(Setting<?> setting, String hint) {
    findings.badValue(keys.own(setting), effective(setting), hint);
  }

  private Given effective(Setting<?> setting) {
    return givens
        .find(keys.own(setting))
        .or(() -> givens.find(setting))
        .orElseGet(() -> new Given(setting.fallback(), "default"));
  }

  /** Makes a path absolute and normal; {@code ~} is the home folder, which a container may lack. */
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

  /** A file that was given, which must be there for us to read. */
  Optional<Path> file(Setting<Path> setting) {
    Optional<Path> file = given(setting).map(path -> absolute(setting, path));
    file.ifPresent(
        path -> {
          if (!Files.isRegularFile(path)) {
            bad(setting, Files.exists(path) ? "it is no file" : "there is no such file");
          } else if (!Files.isReadable(path)) {
            bad(setting, "the file may not be read by this user");
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

  /** Reports that one setting is missing if another is given, which makes no sense alone. */
  void requireBeside(Setting<?> setting, Setting<?> other) {
    if (isGiven(setting) && !isGiven(other)) {
      findings.problem(
          key(other),
          "it is not given, but %s is, by %s; expected both or neither"
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
