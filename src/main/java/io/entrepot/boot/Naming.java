package io.entrepot.boot;

import java.util.Optional;

/** Finds objects that the server has bound in JNDI. */
@FunctionalInterface
interface Naming {
  /**
   * Finds an object.
   *
   * @return the object; empty if the name is not bound
   * @throws ConfigurationException if the name is bound, but the lookup fails
   */
  Optional<Object> find(String jndiName);
}
