package io.entrepot.config;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Binds the settings of one start. A bad value is noted and its default read in its place, so that
 * the rest is checked as well.
 */
final class SettingsReader {
  private static final Set<String> DOCKER_HUB =
      Set.of("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com");
  private static final URI DOCKER_HUB_REALM = URI.create("https://auth.docker.io");

  /** Room for manifests, tags and tokens beside the fills. */
  private static final int CONNECTIONS_BESIDE_FILLS = 8;

  private final Findings findings = new Findings();
  private final Values values;
  private final AccessReader access;

  SettingsReader(Sources sources) {
    values = new Values(sources, findings);
    access = new AccessReader(sources, values, findings);
  }

  Settings read() {
    Settings.Http http =
        new Settings.Http(
            values.value(SettingsTable.HTTP_ADDR),
            values.given(SettingsTable.HTTP_HOST),
            values.given(SettingsTable.HTTP_TRUSTEDPROXIES).orElse(List.of()),
            values.value(SettingsTable.HTTP_DRAINTIMEOUT));
    Settings.Proxy proxy = proxy();
    Optional<Settings.Outbound> outbound = outbound();
    Settings.Storage storage =
        new Settings.Storage(
            rootDirectory(),
            values.value(SettingsTable.STORAGE_RESERVE),
            values.value(SettingsTable.STORAGE_RESUMABLE),
            values.value(SettingsTable.STORAGE_UNLINKGRACE),
            values.value(SettingsTable.STORAGE_VERIFYAFTER),
            values.value(SettingsTable.STORAGE_SCRUBRATE));
    Settings.Expiry expiry = new Settings.Expiry(values.value(SettingsTable.EXPIRY_MAXPERSECOND));
    Optional<Path> importDirectory = importDirectory();
    Settings.Resource database = resource(SettingsTable.DATASOURCE);
    Settings.Resource threadFactory = resource(SettingsTable.THREADFACTORY);
    values.reportUnknown();
    findings.throwIfAnyProblem();
    return new Settings(
        http,
        proxy,
        outbound,
        storage,
        expiry,
        importDirectory,
        database,
        threadFactory,
        findings.warnings());
  }

  private Settings.Resource resource(Setting<String> setting) {
    return new Settings.Resource(values.value(setting), values.isGiven(setting));
  }

  private Settings.Proxy proxy() {
    URI upstream = values.value(SettingsTable.PROXY_REMOTEURL);
    Access who = access.read();
    warnOfPlainHttp(upstream, who);
    int maxFills = values.value(SettingsTable.PROXY_MAXFILLS);
    return new Settings.Proxy(
        upstream,
        who,
        values.value(SettingsTable.PROXY_ANONYMOUSFALLBACK),
        values.value(SettingsTable.PROXY_TTL),
        values.value(SettingsTable.PROXY_EXPIRE),
        values.value(SettingsTable.PROXY_REVALIDATE),
        values.given(SettingsTable.PROXY_REALMS).orElseGet(() -> defaultRealms(upstream)),
        values.value(SettingsTable.PROXY_KEEPDELETED),
        values.value(SettingsTable.PROXY_DEADLINE),
        values.value(SettingsTable.PROXY_CONNECTTIMEOUT),
        values.value(SettingsTable.PROXY_RESPONSETIMEOUT),
        values.value(SettingsTable.PROXY_IDLETIMEOUT),
        maxFills,
        maxConnections(maxFills));
  }

  private static List<URI> defaultRealms(URI upstream) {
    return DOCKER_HUB.contains(upstream.getHost()) ? List.of(DOCKER_HUB_REALM) : List.of();
  }

  private void warnOfPlainHttp(URI upstream, Access who) {
    if (!(who instanceof Access.Anonymous) && !UrlSyntax.isSafe(upstream)) {
      findings.warning(
          "the credentials for %s are not sent to it: credentials go over https only"
              .formatted(upstream));
    }
  }

  private int maxConnections(int maxFills) {
    int maxConnections = values.value(SettingsTable.PROXY_MAXCONNECTIONS);
    int least = maxFills + CONNECTIONS_BESIDE_FILLS;
    if (maxConnections < least) {
      findings.problem(
          SettingsTable.PROXY_MAXCONNECTIONS.key(),
          "%s is \"%d\"; expected at least %d, which is proxy.maxfills (%s) + %d"
              .formatted(
                  values.source(SettingsTable.PROXY_MAXCONNECTIONS),
                  maxConnections,
                  least,
                  values.source(SettingsTable.PROXY_MAXFILLS),
                  CONNECTIONS_BESIDE_FILLS));
    }
    return maxConnections;
  }

  private Optional<Settings.Outbound> outbound() {
    Optional<String> host = values.given(SettingsTable.OUTBOUND_HOST);
    Optional<Integer> port = values.given(SettingsTable.OUTBOUND_PORT);
    Optional<Login> login =
        values.login(SettingsTable.OUTBOUND_USERNAME, SettingsTable.OUTBOUND_PASSWORD);
    List<String> noProxy = values.given(SettingsTable.OUTBOUND_NOPROXY).orElse(List.of());
    List.of(
            SettingsTable.OUTBOUND_PORT,
            SettingsTable.OUTBOUND_USERNAME,
            SettingsTable.OUTBOUND_NOPROXY)
        .forEach(setting -> values.requireBeside(setting, SettingsTable.OUTBOUND_HOST));
    values.requireBeside(SettingsTable.OUTBOUND_HOST, SettingsTable.OUTBOUND_PORT);
    return host.flatMap(
        name -> port.map(number -> new Settings.Outbound(name, number, login, noProxy)));
  }

  private Path rootDirectory() {
    Setting<Path> setting = SettingsTable.STORAGE_ROOTDIRECTORY;
    Path path = values.absolute(setting, values.value(setting));
    if (Files.exists(path) && !Files.isDirectory(path)) {
      values.bad(setting, "it is a file, not a folder");
    }
    return path;
  }

  private Optional<Path> importDirectory() {
    Setting<Path> setting = SettingsTable.IMPORT_DIR;
    Optional<Path> path = values.given(setting).map(dir -> values.absolute(setting, dir));
    if (path.isPresent() && !Files.isDirectory(path.get())) {
      values.bad(setting, "there is no such folder");
    }
    return path;
  }
}
