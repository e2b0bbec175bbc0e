package io.entrepot.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether this cache is well: it lives as long as it answers, it is ready when it can serve what it
 * has, and it is degraded when something it needs for more than that is broken. Thread-safe.
 */
public final class Health {
  private final List<Check> checks;

  public Health(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  /**
   * One thing that can be broken.
   *
   * @param what names it, such as {@code upstream}
   * @param needed whether nothing can be served without it
   * @param trouble asked at each report: why it is broken, or empty; must answer within moments
   */
  public record Check(String what, boolean needed, Supplier<Optional<String>> trouble) {}

  /** One thing that is broken. */
  public record Trouble(String what, String why) {}

  /**
   * The state at one moment.
   *
   * @param degraded everything that is broken, empty when all is well
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
