package io.entrepot.upstream.wire;

import java.net.URI;

/** Resolves the URLs that answers name, such as in {@code Location} and {@code Link}. */
public final class Location {
  private Location() {}

  /**
   * Resolves a reference by RFC 3986, 5.2. {@link URI#resolve} follows an older RFC: it loses the
   * last segment of the path where the reference is only a query.
   */
  public static URI resolve(URI base, URI reference) {
    boolean queryOnly =
        reference.getScheme() == null
            && reference.getRawAuthority() == null
            && reference.getRawPath().isEmpty()
            && reference.getRawQuery() != null;
    return queryOnly
        ? base.resolve(base.getRawPath() + "?" + reference.getRawQuery())
        : base.resolve(reference);
  }
}
