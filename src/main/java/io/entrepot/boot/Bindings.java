package io.entrepot.boot;

import io.entrepot.config.ConfigurationException;
import io.entrepot.config.JndiException;
import io.entrepot.config.Settings;
import io.entrepot.database.FailureReason;
import java.util.Optional;

/** Finds resources of the server in JNDI. The exceptions name the setting and say what is wrong. */
record Bindings(Naming naming) {
  /**
   * Finds a resource.
   *
   * @param key the setting that contains the JNDI name
   * @param name the JNDI name
   * @param type the type that the resource must have
   * @return the resource; empty if the name is not bound
   * @throws StartException if the lookup fails or the resource has another type
   */
  private <T> Optional<T> find(String key, String name, Class<T> type) {
    Optional<Object> found;
    try {
      found = naming.find(name);
    } catch (JndiException e) {
      throw new StartException(
          "%s: JNDI %s: lookup failed (%s); expected a %s"
              .formatted(key, e.name(), FailureReason.of(e.reason()), type.getName()));
    } catch (ConfigurationException e) {
      throw new StartException(key + ": " + e.getMessage() + "; expected a " + type.getName(), e);
    }
    found
        .filter(other -> !type.isInstance(other))
        .ifPresent(
            other -> {
              throw new StartException(
                  "%s: JNDI %s is a %s; expected a %s"
                      .formatted(key, name, other.getClass().getName(), type.getName()));
            });
    return found.map(type::cast);
  }

  /**
   * Finds a resource that is optional, unless the user has set its name.
   *
   * @param key the setting that contains the JNDI name
   * @return the resource; empty if the name is not bound
   * @throws StartException if the user has set the name, but it is not bound
   */
  <T> Optional<T> find(String key, Settings.Resource resource, Class<T> type) {
    Optional<T> found = find(key, resource.jndiName(), type);
    if (found.isEmpty() && resource.required()) {
      throw absent(key, resource.jndiName(), type);
    }
    return found;
  }

  /** The failure for a resource whose name the user has set, but which is not bound. */
  private static StartException absent(String key, String name, Class<?> type) {
    return new StartException(
        "%s: JNDI %s is not bound; expected a %s".formatted(key, name, type.getName()));
  }
}
