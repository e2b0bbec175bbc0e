package io.entrepot.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The values of the settings of one start. A bad one is noted, and taken as not given, so that the
 * rest is checked as well.
 */
final class Values {
  private final Sources sources;
  private final Findings findings;
  private final Givens givens;

  Values(Sources sources, Findings findings) {
    this.sources = sources;
    this.findings = findings;
    this.givens = new Givens(sources, findings);
  }

  /** What was given, or else the default. */
  <T> T value(Setting<T> setting) {
    return given(setting).orElseGet(() -> setting.syntax().parser().apply(setting.fallback()));
  }

  <T> Optional<T> given(Setting<T> setting) {
    return givens.find(setting).flatMap(given -> setting.parse(given, findings));
  }

  /** Whether anything was given, good or bad. */
  boolean isGiven(Setting<?> setting) {
    return givens.find(setting).isPresent();
  }

  /** Where the value comes from, for people. */
  String source(Setting<?> setting) {
    return effective(setting).source();
  }

  /** Reports that the value in effect is none. */
  void bad(Setting<?> setting, String hint) {
    findings.badValue(setting, effective(setting), hint);
  }

  private Given effective(Setting<?> setting) {
    return givens.find(setting).orElseGet(() -> new Given(setting.fallback(), "default"));
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
          other.key(),
          "it is not given, but %s is, by %s; expected both or neither"
              .formatted(setting.key(), source(setting)));
    }
  }

  void reportUnknown() {
    givens.reportUnknown();
  }
}
