package io.entrepot.config;

import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * The places where settings are looked for, besides {@code config.yml}.
 *
 * @param jndi the strongest
 * @param systemProperties those named {@code entrepot.…} are settings; also gives {@code user.home}
 * @param environment those named {@code ENTREPOT_…} are settings
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
