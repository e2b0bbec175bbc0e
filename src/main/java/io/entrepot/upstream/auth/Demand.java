package io.entrepot.upstream.auth;

import io.entrepot.upstream.Scope;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** What an upstream demands before it answers. */
sealed interface Demand {
  /** Bytes of its objects and of its place in a cache, without text. */
  int OBJECTS = 256;

  /** Roughly the bytes of memory that it takes. */
  int weight();

  /** A user and a password. */
  record Basic() implements Demand {
    @Override
    public int weight() {
      return OBJECTS;
    }
  }

  /**
   * A token with these parameters.
   *
   * @param scope what the upstream named, or null for the scope of the call
   */
  record Bearer(URI realm, String service, @Nullable Scope scope) implements Demand {
    @Override
    public int weight() {
      int named = scope == null ? 0 : scope.value().length();
      return OBJECTS + realm.toString().length() + service.length() + named;
    }
  }
}
