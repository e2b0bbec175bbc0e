package io.entrepot.upstream.wire;

import java.net.URI;

/** A place named in an answer, seen from where the answer came from. */
public final class Location {
  private Location() {}

  /**
   * Resolves a reference by RFC 3986, 5.2. {@link URI#resolve} follows its predecessor, which loses
   * the last segment of the path where the reference is but a query.
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
