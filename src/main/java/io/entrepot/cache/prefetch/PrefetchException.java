package io.entrepot.cache.prefetch;

/** An image that cannot be fetched. The message is a sentence for people. */
final class PrefetchException extends Exception {
  private static final long serialVersionUID = 1L;

  PrefetchException(String message) {
    super(message, null, false, false);
  }
}
