package io.entrepot.boot;

import java.util.Optional;

/** What the server has bound in JNDI, by name. */
@FunctionalInterface
interface Naming {
  /** Finds what is bound; throws where it is bound but cannot be had. */
  Optional<Object> find(String jndiName);
}
