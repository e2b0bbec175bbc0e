package io.entrepot.launch;

/** The start has failed; the message is for people, one line or several. */
final class LaunchException extends Exception {
  private static final long serialVersionUID = 1;

  LaunchException(String message) {
    super(message);
  }
}
