package io.entrepot.upstream.auth;

import io.entrepot.upstream.Scope;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** What an upstream demands before it answers. */
sealed interface Demand {
  /** A user and a password. */
  record Basic() implements Demand {}

  /**
   * A token with these parameters.
   *
   * @param scope what the upstream named; the call's own where it named none
   */
  record Bearer(URI realm, String service, @Nullable Scope scope) implements Demand {}
}
