package io.entrepot.access;

import org.jspecify.annotations.Nullable;

/** Finds out which client sends a request. Thread-safe. */
public interface Authenticator {
  /**
   * Identifies the client of a request.
   *
   * @param address the IP address of the client
   * @param authorization the {@code Authorization} header of the request, or null
   * @throws io.entrepot.oci.OciException if the header contains wrong credentials
   */
  Client authenticate(String address, @Nullable String authorization);

  /** An authenticator that treats every client as anonymous, and ignores credentials. */
  static Authenticator anonymous() {
    return (address, authorization) -> Client.anonymous(address);
  }
}
