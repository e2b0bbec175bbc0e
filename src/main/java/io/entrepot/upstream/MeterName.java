package io.entrepot.upstream;

import java.net.URI;

/** The name of a registry in metrics. */
public final class MeterName {
  private MeterName() {}

  /**
   * Its host and port. The path follows, if there is one, because another upstream can have the
   * same host.
   */
  public static String of(URI registry) {
    return registry.getRawAuthority() + registry.getRawPath().replaceFirst("/$", "");
  }
}
