package io.entrepot.boot;

/** The application cannot be deployed; the message names the setting that is to be changed. */
public final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartException(String message, Throwable cause) {
    super(message, cause);
  }

  StartException(String message) {
    super(message);
  }
}
