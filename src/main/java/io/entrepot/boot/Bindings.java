package io.entrepot.boot;

import io.entrepot.config.ConfigurationException;
import io.entrepot.config.Settings;
import java.util.Optional;

/** Finds resources of the server in JNDI, and says what is wrong with those that cannot be used. */
record Bindings(Naming naming) {
  /**
   * Finds a resource.
   *
   * @param key the setting that names it
   * @param name its name in JNDI
   * @throws StartException where it cannot be had, or is something else
   */
  private <T> Optional<T> find(String key, String name, Class<T> type) {
    Optional<Object> found;
    try {
      found = naming.find(name);
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
   * Finds a resource that may be absent, unless it was asked for by name.
   *
   * @throws StartException where it was, and is absent
   */
  <T> Optional<T> find(String key, Settings.Resource resource, Class<T> type) {
    Optional<T> found = find(key, resource.jndiName(), type);
    if (found.isEmpty() && resource.required()) {
      throw absent(key, resource.jndiName(), type);
    }
    return found;
  }

  /** The failure where a resource that was asked for by name is not there. */
  private static StartException absent(String key, String name, Class<?> type) {
    return new StartException(
        "%s: JNDI %s is not bound; expected a %s".formatted(key, name, type.getName()));
  }
}
