package io.entrepot.oci;

import java.io.IOException;

/** Says why the JSON of somebody else cannot be used. The message may quote a piece of it. */
public final class UnusableJsonException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param why such as "it is no JSON object"
   */
  public UnusableJsonException(String why) {
    super(why);
  }
}
