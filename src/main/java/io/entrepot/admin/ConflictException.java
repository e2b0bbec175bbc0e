package io.entrepot.admin;

/**
 * An action that cannot be done as things are, such as a purge of what is pinned. Nothing has been
 * changed. The message is a sentence for people.
 */
public final class ConflictException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ConflictException(String message) {
    super(message, null, false, false);
  }
}
