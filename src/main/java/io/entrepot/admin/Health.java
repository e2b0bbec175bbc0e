package io.entrepot.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The health check of this cache. It is live if it answers. It is ready if it can serve stored
 * content. It is degraded if anything is broken, such as the upstream or the disk. Thread-safe.
 */
public final class Health {
  private final List<Check> checks;

  public Health(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  /**
   * A check of one part of the cache.
   *
   * @param what the name of the part, such as {@code upstream}
   * @param needed whether the cache cannot serve anything without it
   * @param trouble says why the part is broken, or nothing if it works. It is called for each
   *     report and must return within a second or so.
   */
  public record Check(String what, boolean needed, Supplier<Optional<String>> trouble) {}

  /**
   * A part that is broken.
   *
   * @param what the name of the part
   * @param why what is wrong with it
   */
  public record Trouble(String what, String why) {}

  /**
   * The result of all checks at one moment.
   *
   * @param live always true
   * @param ready whether the cache can serve stored content
   * @param degraded the parts that are broken; empty if everything works
   */
  public record Report(boolean live, boolean ready, List<Trouble> degraded) {}

  /** Runs all checks. */
  public Report report() {
    boolean ready = true;
    List<Trouble> troubles = new ArrayList<>();
    for (Check check : checks) {
      Optional<String> why = trouble(check);
      if (why.isPresent()) {
        troubles.add(new Trouble(check.what(), why.get()));
        ready &= !check.needed();
      }
    }
    return new Report(true, ready, List.copyOf(troubles));
  }

  private static Optional<String> trouble(Check check) {
    try {
      return check.trouble().get();
    } catch (RuntimeException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
