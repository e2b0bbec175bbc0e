package io.entrepot.access;

import io.entrepot.files.RecentFile;
import io.entrepot.files.WatchedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules that count now: those of the settings, and those of a file that is read again when it
 * has changed. Thread-safe.
 */
public final class CurrentRules {
  /** Some ten thousand rules. */
  private static final int MAX_BYTES = 1 << 20;

  private final AccessRules fixed;
  private final @Nullable RecentFile<AccessRules> all;

  /** Reads the lines of a file. */
  public interface Parser {
    /**
     * Reads all rules.
     *
     * @throws IOException with all errors, if there are any
     */
    AccessRules parse(List<String> lines) throws IOException;
  }

  /**
   * @param all the rules of the settings and of a file, or null if there is no file
   */
  private CurrentRules(AccessRules fixed, @Nullable RecentFile<AccessRules> all) {
    this.fixed = fixed;
    this.all = all;
  }

  /** The rules of the settings alone. */
  public static CurrentRules of(AccessRules fixed) {
    return new CurrentRules(fixed, null);
  }

  /**
   * The rules of the settings and of a file.
   *
   * @throws IOException if the file cannot be read or has a wrong rule
   */
  public static CurrentRules of(AccessRules fixed, Path file, Parser parser, Clock clock)
      throws IOException {
    WatchedFile<AccessRules> watched =
        new WatchedFile<>(file, MAX_BYTES, content -> fixed.and(parser.parse(lines(content))));
    return new CurrentRules(fixed, new RecentFile<>(watched, clock));
  }

  private static List<String> lines(byte[] content) {
    return new String(content, StandardCharsets.UTF_8).lines().toList();
  }

  /** The rules, at most a second old. */
  public AccessRules now() {
    return all == null ? fixed : all.get();
  }
}
