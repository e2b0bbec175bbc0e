package io.entrepot.launch;

/** The command line cannot be understood; the message is one line for people. */
final class UsageException extends Exception {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
