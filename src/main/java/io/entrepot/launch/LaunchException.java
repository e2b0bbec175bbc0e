package io.entrepot.launch;

/** A failure of the start. The message is for people and has one or more lines. */
final class LaunchException extends Exception {
  private static final long serialVersionUID = 1;

  LaunchException(String message) {
    super(message);
  }
}
