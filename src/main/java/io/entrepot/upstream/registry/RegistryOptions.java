package io.entrepot.upstream.registry;

import io.entrepot.memory.MemoryBudget;
import io.entrepot.upstream.auth.AuthOptions;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.wire.WireOptions;
import java.net.URI;
import java.util.function.UnaryOperator;

/**
 * The options of one {@link HttpRegistry}.
 *
 * @param wire where it is, and how to connect to it
 * @param auth how to authenticate
 * @param restraint the limits that protect it from us
 * @param memory what may be remembered of it
 */
public record RegistryOptions(
    WireOptions wire, AuthOptions auth, Restraint restraint, MemoryBudget memory) {
  /** Anonymous, directly, and with the default limits. */
  public static RegistryOptions of(URI uri) {
    return new RegistryOptions(
        WireOptions.of(uri), AuthOptions.ANONYMOUS, Restraint.DEFAULT, MemoryBudget.ofHeap());
  }

  public RegistryOptions wire(UnaryOperator<WireOptions> change) {
    return new RegistryOptions(change.apply(wire), auth, restraint, memory);
  }

  public RegistryOptions auth(UnaryOperator<AuthOptions> change) {
    return new RegistryOptions(wire, change.apply(auth), restraint, memory);
  }

  public RegistryOptions restraint(UnaryOperator<Restraint> change) {
    return new RegistryOptions(wire, auth, change.apply(restraint), memory);
  }
}
