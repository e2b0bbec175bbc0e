package io.entrepot.launch;

/** An error in the command line. The message is one line for people. */
final class UsageException extends Exception {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
