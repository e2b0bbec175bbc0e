package io.entrepot.boot;

import java.util.Optional;

/** Where a server's own database may be found: JNDI, by name. */
@FunctionalInterface
interface Databases {
  Optional<Object> find(String jndiName);
}
