package io.entrepot.config;

import java.net.PasswordAuthentication;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The values that users have written for settings. If several sources have a value, the strongest
 * source is used. A blank value counts as no value.
 */
final class Givens {
  /**
   * Names of variables that Kubernetes sets for a Service whose name begins with entrepot. They are
   * not settings.
   */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          ".*_(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_.*)?)");

  /** A key of an upstream that has a name; the group ends behind the name. */
  private static final Pattern OF_UPSTREAM = Pattern.compile("(upstreams\\.[^.]+)\\..+");

  private final SettingSources sources;
  private final Findings findings;
  private final ConfigFile file;
  private final Map<Setting<?>, Given> givens = new HashMap<>();
  private final List<String> upstreams;
  private final List<String> oidcProviders;

  Givens(SettingSources sources, Findings findings) {
    this.sources = sources;
    this.findings = findings;
    Optional<Given> config = fromOutside(SettingsTable.CONFIG);
    config.ifPresent(given -> givens.put(SettingsTable.CONFIG, given));
    file =
        config
            .flatMap(given -> SettingsTable.CONFIG.parse(given, findings))
            .map(path -> ConfigFile.read(path, config.orElseThrow(), findings))
            .orElseGet(ConfigFile::none);
    take(SettingsTable.all());
    upstreams = upstreamNames();
    take(upstreams.stream().flatMap(Givens::settings).toList());
    oidcProviders = oidcNames();
    take(ofProviders().toList());
  }

  private void take(List<Setting<?>> settings) {
    for (Setting<?> setting : settings) {
      if (!setting.equals(SettingsTable.CONFIG)) {
        fromOutside(setting)
            .or(() -> fromFile(setting))
            .ifPresent(given -> givens.put(setting, trimmed(setting, given)));
      }
    }
  }

  /** The names of the listed upstreams, and of those that have a section in the file. */
  private List<String> upstreamNames() {
    Setting<List<String>> setting = SettingsTable.UPSTREAMS_NAMES;
    List<String> listed =
        find(setting).flatMap(given -> setting.parse(given, findings)).orElse(List.of());
    if (Set.copyOf(listed).size() < listed.size()) {
      // Their settings are still read. Otherwise each of them would be reported as unknown.
      findings.badValue(setting, find(setting).orElseThrow(), "two upstreams have the same name");
    }
    return Stream.concat(listed.stream(), file.upstreams().stream()).distinct().toList();
  }

  /** The names of the listed providers, and of those that have a section in the file. */
  private List<String> oidcNames() {
    Setting<List<String>> setting = OidcTable.NAMES;
    List<String> listed =
        find(setting).flatMap(given -> setting.parse(given, findings)).orElse(List.of());
    Set<String> names = new LinkedHashSet<>(listed);
    for (Map.Entry<String, ConfigFile.Entry> each : file.entries().entrySet()) {
      String name = OidcTable.provider(each.getKey());
      if (!name.isEmpty()) {
        try {
          names.add(LoginSyntax.toProviderName(name));
        } catch (IllegalArgumentException e) {
          findings.problem(
              each.getKey(),
              file.source(each.getValue().line()) + ": its name has " + e.getMessage());
        }
      }
    }
    return List.copyOf(names);
  }

  /** The settings of all OpenID Connect providers. */
  Stream<Setting<?>> ofProviders() {
    return oidcProviders.stream().flatMap(name -> OidcTable.of(name).stream());
  }

  /** The names of all OpenID Connect providers, in the order in which they were given. */
  List<String> oidcProviders() {
    return oidcProviders;
  }

  /** The settings of one upstream. */
  static Stream<Setting<?>> settings(String upstream) {
    UpstreamKeys keys = new UpstreamKeys(upstream);
    return UpstreamTable.all().stream().map(keys::own);
  }

  /** The names of all upstreams except the default one, in the order in which they were given. */
  List<String> upstreams() {
    return upstreams;
  }

  private List<Setting<?>> known() {
    return Stream.of(
            SettingsTable.all().stream(),
            upstreams.stream().flatMap(Givens::settings),
            ofProviders())
        .flatMap(settings -> settings)
        .toList();
  }

  /** The value that was given for a setting. */
  Optional<Given> find(Setting<?> setting) {
    return Optional.ofNullable(givens.get(setting));
  }

  /** Reports every key, property and variable that looks like a setting but is not one. */
  void reportUnknown() {
    List<String> keys = known().stream().map(Setting::key).toList();
    new TreeMap<>(file.entries()).forEach((key, entry) -> reportUnknownInFile(key, entry, keys));
    names(sources.systemProperties(), Setting.PROPERTY_PREFIX)
        .forEach(name -> reportUnknownProperty(name, keys));
    reportUnknownInJndi(keys);
    List<String> variables = known().stream().map(Setting::environmentName).toList();
    names(sources.environment(), Setting.ENVIRONMENT_PREFIX)
        .forEach(name -> reportUnknownVariable(name, variables));
  }

  /** Warns of each secret that others on this machine can read. */
  void reportVisibleSecrets() {
    known().stream()
        .filter(setting -> setting.syntax().kind() == Syntax.Kind.SECRET)
        .filter(sources::isOnCommandLine)
        .forEach(
            setting ->
                findings.warning(
                    "%s is given on the command line, which others on this machine can read; give it"
                            .formatted(setting.key())
                        + " as the environment variable %s, or in a config.yml that only this user can read"
                            .formatted(setting.environmentName())));
  }

  private Optional<Given> fromOutside(Setting<?> setting) {
    return fromJndi(setting)
        .or(() -> from(sources.systemProperties(), setting.propertyName(), "system property "))
        .or(() -> from(sources.environment(), setting.environmentName(), "environment "));
  }

  private static Optional<Given> from(Map<String, String> map, String name, String label) {
    return Optional.ofNullable(map.get(name))
        .filter(text -> !text.isBlank())
        .map(text -> new Given(text, label + name));
  }

  private Optional<Given> fromJndi(Setting<?> setting) {
    try {
      return sources.jndi().bound(setting.jndiName()).flatMap(bound -> fromJndi(setting, bound));
    } catch (ConfigurationException e) {
      e.problems().forEach(problem -> findings.problem(setting.key(), problem));
      return Optional.empty();
    }
  }

  /**
   * Reads a bound value. Numbers and booleans become text, since an env-entry may have such a type.
   */
  private Optional<Given> fromJndi(Setting<?> setting, JndiLookup.Bound bound) {
    Object value = bound.value();
    boolean both = setting.syntax().equals(UpstreamCredentialsTable.CREDENTIALS.syntax());
    if (both && value instanceof PasswordAuthentication login) {
      String text =
          Objects.requireNonNullElse(login.getUserName(), "")
              + ":"
              + new String(login.getPassword());
      return Optional.of(new Given(text, "JNDI " + bound.name()));
    }
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return Optional.of(new Given(value.toString(), "JNDI " + bound.name()))
          .filter(given -> !given.text().isBlank());
    }
    findings.problem(
        setting.key(),
        "JNDI %s is a %s; expected a java.lang.String%s (%s)"
            .formatted(
                bound.name(),
                value.getClass().getName(),
                both ? " or java.net.PasswordAuthentication" : "",
                setting.syntax().expected()));
    return Optional.empty();
  }

  private Optional<Given> fromFile(Setting<?> setting) {
    ConfigFile.Entry entry = file.entries().get(setting.key());
    if (entry == null || entry.text().isBlank()) {
      return Optional.empty();
    }
    Given given = new Given(entry.text(), file.source(entry.line()));
    if (entry.list() && setting.syntax().kind() != Syntax.Kind.LIST) {
      findings.badValue(setting, given, "not a list");
      return Optional.empty();
    }
    return Optional.of(given);
  }

  /** Removes spaces around the text, but not around a secret. */
  private static Given trimmed(Setting<?> setting, Given given) {
    return setting.syntax().kind() == Syntax.Kind.SECRET
        ? given
        : new Given(given.text().strip(), given.source());
  }

  private void reportUnknownInFile(String key, ConfigFile.Entry entry, List<String> keys) {
    String where = file.source(entry.line());
    if (key.equals(SettingsTable.CONFIG.key())) {
      findings.problem(key, where + ": a file cannot name another file");
    } else if (keys.stream().anyMatch(known -> known.startsWith(key + "."))) {
      if (!entry.text().isBlank()) {
        findings.problem(key, where + ": expected keys below it, found a value");
      }
    } else if (!keys.contains(key)) {
      findings.problem(key, where + ": unknown setting" + Nearest.suggestion(key, keys));
    }
  }

  private void reportUnknownProperty(String name, List<String> keys) {
    String key = name.substring(Setting.PROPERTY_PREFIX.length());
    if (!keys.contains(key)) {
      findings.problem(
          key,
          "system property %s: unknown setting".formatted(Findings.plain(name))
              + Nearest.suggestion(key, keys));
    }
  }

  private void reportUnknownInJndi(List<String> keys) {
    Set<String> names = known().stream().map(Setting::jndiName).collect(Collectors.toSet());
    for (String name : sources.jndi().unknownBelow(Setting.JNDI_ROOT, names)) {
      String below = name.substring(name.indexOf(Setting.JNDI_ROOT + "/"));
      String key = below.substring(Setting.JNDI_ROOT.length() + 1).replace('/', '.');
      findings.problem(
          key, "JNDI %s: unknown setting%s".formatted(Findings.plain(name), hint(key, keys)));
    }
  }

  private static String hint(String key, List<String> keys) {
    Matcher upstream = OF_UPSTREAM.matcher(key);
    return upstream.matches()
            && keys.stream().noneMatch(known -> known.startsWith(upstream.group(1) + "."))
        ? "; list the upstream in " + SettingsTable.UPSTREAMS_NAMES.key()
        : Nearest.suggestion(key, keys);
  }

  private void reportUnknownVariable(String name, List<String> variables) {
    if (!variables.contains(name) && !isServiceLink(name)) {
      findings.problem(name, "unknown environment variable" + Nearest.suggestion(name, variables));
    }
  }

  private boolean isServiceLink(String name) {
    String value = sources.environment().getOrDefault(name, "");
    return SERVICE_LINK.matcher(name).matches()
        || (name.endsWith("_PORT") && value.matches("(?:tcp|udp|sctp)://.*"));
  }

  private static Collection<String> names(Map<String, String> map, String prefix) {
    return map.keySet().stream()
        .filter(name -> name.startsWith(prefix))
        .sorted()
        .collect(Collectors.toList());
  }
}
