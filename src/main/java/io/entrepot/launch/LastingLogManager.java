package io.entrepot.launch;

import java.util.logging.LogManager;

/**
 * A log manager that goes on while the application stops; the JDK's own closes all handlers in a
 * shutdown hook of its own, at the same time.
 */
public final class LastingLogManager extends LogManager {
  private volatile boolean lasting;

  /** Called by {@code java.util.logging}, by name. */
  public LastingLogManager() {}

  /** From now on nothing is reset. */
  void last() {
    lasting = true;
  }

  @Override
  public void reset() {
    if (!lasting) {
      super.reset();
    }
  }
}
