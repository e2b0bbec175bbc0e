package io.entrepot.config;

import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * The sources of settings, except {@code config.yml}.
 *
 * @param jndi the JNDI of the server; it is the strongest source
 * @param systemProperties the system properties; those named {@code entrepot.…} are settings;
 *     {@code user.home} is used too
 * @param environment the environment variables; those named {@code ENTREPOT_…} are settings
 */
public record SettingSources(
    JndiLookup jndi, Map<String, String> systemProperties, Map<String, String> environment) {

  /** Takes copies of the maps. */
  public SettingSources {
    systemProperties = Map.copyOf(systemProperties);
    environment = Map.copyOf(environment);
  }

  /** The sources of this process, as they are now. */
  public static SettingSources ofThisProcess() {
    Properties properties = System.getProperties();
    return new SettingSources(
        JndiLookup.ofThisProcess(),
        properties.stringPropertyNames().stream()
            .collect(Collectors.toMap(name -> name, properties::getProperty)),
        System.getenv());
  }
}
