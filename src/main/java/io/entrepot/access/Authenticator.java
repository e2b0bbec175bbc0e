package io.entrepot.access;

import org.jspecify.annotations.Nullable;

/** Finds out who makes a request. Thread-safe. */
public interface Authenticator {
  /**
   * Says who makes a request.
   *
   * @param address the client's IP address
   * @param authorization the request's {@code Authorization} header, or null
   * @throws io.entrepot.oci.OciException where the client claims to be somebody and does not prove
   *     it
   */
  Client authenticate(String address, @Nullable String authorization);

  /** Believes nobody and refuses nobody: every client is anonymous, whatever it sends. */
  static Authenticator anonymous() {
    return (address, authorization) -> Client.anonymous(address);
  }
}
