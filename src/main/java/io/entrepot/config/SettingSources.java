package io.entrepot.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * @param commandLine the command line of this process, as others on this machine can read it. It is
 *     no source: what it sets are system properties
 */
public record SettingSources(
    JndiLookup jndi,
    Map<String, String> systemProperties,
    Map<String, String> environment,
    String commandLine) {
  /** Where Linux shows it whole. The Java runtime reads a page of it only. */
  private static final Path OWN_COMMAND_LINE = Path.of("/proc/self/cmdline");

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
        System.getenv(),
        commandLineOfThisProcess());
  }

  private static String commandLineOfThisProcess() {
    try {
      return Files.readString(OWN_COMMAND_LINE, ISO_8859_1);
    } catch (IOException e) {
      return ProcessHandle.current().info().commandLine().orElse("");
    }
  }

  /**
   * Whether a system property that is a setting stands in the command line, as {@code
   * -Dentrepot.KEY=VALUE} or as {@code --set KEY=VALUE}.
   */
  boolean isOnCommandLine(Setting<?> setting) {
    return systemProperties.containsKey(setting.propertyName())
        && commandLine.contains(setting.key() + "=");
  }

  /** Without the values: some are secrets. */
  @Override
  public String toString() {
    return "sources of settings";
  }
}
