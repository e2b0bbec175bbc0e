package io.entrepot.upstream.wire;

import java.net.UnknownHostException;

/** A host that somebody else has named has an address that he may not send us to (S35). */
final class ForbiddenAddressException extends UnknownHostException {
  private static final long serialVersionUID = 1L;

  ForbiddenAddressException(String message) {
    super(message);
  }
}
