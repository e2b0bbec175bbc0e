package io.entrepot.launch;

import java.util.logging.LogManager;

/**
 * A log manager that still works while the application stops. The log manager of the JDK closes all
 * handlers in its own shutdown hook, which runs at the same time as ours.
 */
public final class NoResetLogManager extends LogManager {
  private volatile boolean resetIgnored;

  /** Called by {@code java.util.logging}, which finds the class by its name. */
  public NoResetLogManager() {}

  /** Makes {@link #reset} do nothing from now on. */
  void ignoreReset() {
    resetIgnored = true;
  }

  @Override
  public void reset() {
    if (!resetIgnored) {
      super.reset();
    }
  }
}
