package io.entrepot.access;

import io.entrepot.files.WatchedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The rules that count now: those of the settings, and those of a file that is read again when it
 * has changed. Thread-safe.
 */
public final class CurrentRules {
  /** Some ten thousand rules. */
  private static final int MAX_BYTES = 1 << 20;

  /** How often it is looked whether the file has changed. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final AccessRules fixed;
  private final @Nullable WatchedFile<AccessRules> file;
  private final Clock clock;
  private volatile Looked looked;

  private record Looked(@Nullable AccessRules ofFile, AccessRules all, Instant at) {}

  /** Reads the lines of a file. */
  public interface Parser {
    /**
     * Reads all rules.
     *
     * @throws IOException with all errors, if there are any
     */
    AccessRules parse(List<String> lines) throws IOException;
  }

  private CurrentRules(AccessRules fixed, @Nullable WatchedFile<AccessRules> file, Clock clock) {
    this.fixed = fixed;
    this.file = file;
    this.clock = clock;
    this.looked = look(null);
  }

  /** The rules of the settings alone. */
  public static CurrentRules of(AccessRules fixed, Clock clock) {
    return new CurrentRules(fixed, null, clock);
  }

  /**
   * The rules of the settings and of a file.
   *
   * @throws IOException if the file cannot be read or has a wrong rule
   */
  public static CurrentRules of(AccessRules fixed, Path file, Parser parser, Clock clock)
      throws IOException {
    return new CurrentRules(
        fixed,
        new WatchedFile<>(
            file,
            MAX_BYTES,
            content -> parser.parse(new String(content, StandardCharsets.UTF_8).lines().toList())),
        clock);
  }

  /** The rules, at most a second old. */
  public AccessRules now() {
    Looked last = looked;
    if (file == null || Duration.between(last.at(), clock.instant()).abs().compareTo(LOOK) < 0) {
      return last.all();
    }
    last = look(last);
    looked = last;
    return last.all();
  }

  private Looked look(@Nullable Looked last) {
    AccessRules ofFile = file == null ? null : file.get();
    if (last != null && Objects.equals(last.ofFile(), ofFile)) {
      return new Looked(ofFile, last.all(), clock.instant());
    }
    return new Looked(ofFile, ofFile == null ? fixed : fixed.and(ofFile), clock.instant());
  }
}
