package io.entrepot.upstream;

import java.net.URI;
import java.util.Optional;

/** One registry at one address, with its present state. */
public interface Registry extends Upstream {
  /** Where it is: scheme, host and port. */
  URI uri();

  /** Whether the circuit breaker lets calls through, and if not, why. */
  BreakerStatus breaker();

  /** How many requests it still grants, by its latest answer; empty where it never said. */
  Optional<Quota> quota();

  /** Why the registry as a whole cannot be used, by the latest calls; empty while it can. */
  Optional<String> trouble();
}
