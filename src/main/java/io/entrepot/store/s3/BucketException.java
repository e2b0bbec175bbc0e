package io.entrepot.store.s3;

import java.io.IOException;

/** Why the bucket did not do what it was asked to. */
public final class BucketException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What kind of reason it is. */
  public enum Kind {
    /** There is no object with this key. */
    ABSENT,
    /** There is an object with this key already. */
    PRESENT,
    /** The bytes that came are not those that were sent. */
    CORRUPT,
    /** A setting is wrong. Nothing helps until somebody mends it. */
    SETTING,
    /** It cannot be reached, is too slow, or wants fewer requests. It may be better soon. */
    AWAY
  }

  private final Kind kind;

  BucketException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  BucketException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
