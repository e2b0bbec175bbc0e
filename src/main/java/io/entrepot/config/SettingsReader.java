package io.entrepot.config;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

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

  private final Sources sources;
  private final Findings findings = new Findings();
  private final Givens givens;

  SettingsReader(Sources sources) {
    this.sources = sources;
    givens = new Givens(sources, findings);
  }

  Settings read() {
    Settings.Http http =
        new Settings.Http(
            value(SettingsTable.HTTP_ADDR),
            given(SettingsTable.HTTP_HOST),
            value(SettingsTable.HTTP_DRAINTIMEOUT),
            serverTls());
    Settings.Proxy proxy = proxy();
    Optional<Settings.Outbound> outbound = outbound();
    Settings.Storage storage =
        new Settings.Storage(
            rootDirectory(),
            value(SettingsTable.STORAGE_RESERVE),
            value(SettingsTable.STORAGE_RESUMABLE),
            value(SettingsTable.STORAGE_UNLINKGRACE),
            value(SettingsTable.STORAGE_VERIFYAFTER),
            value(SettingsTable.STORAGE_SCRUBRATE));
    Settings.Expiry expiry = new Settings.Expiry(value(SettingsTable.EXPIRY_MAXPERSECOND));
    Optional<Path> importDirectory = importDirectory();
    Settings.Database database =
        new Settings.Database(
            value(SettingsTable.DATASOURCE), givens.find(SettingsTable.DATASOURCE).isPresent());
    givens.reportUnknown();
    findings.throwIfAnyProblem();
    return new Settings(
        http, proxy, outbound, storage, expiry, importDirectory, database, findings.warnings());
  }

  private Settings.Proxy proxy() {
    URI upstream = value(SettingsTable.PROXY_REMOTEURL);
    Settings.UpstreamTls tls = upstreamTls(upstream);
    Optional<Login> login = login(SettingsTable.PROXY_USERNAME, SettingsTable.PROXY_PASSWORD);
    Optional<Secret> identityToken = given(SettingsTable.PROXY_IDENTITYTOKEN);
    checkCredentials(login.isPresent(), identityToken.isPresent());
    boolean mayBeAnybody = tls.insecure() && !UrlSyntax.isLoopback(upstream);
    if (mayBeAnybody && (login.isPresent() || identityToken.isPresent())) {
      findings.warning(
          "the credentials for %s are not used: by proxy.insecure nobody checks who would get them"
              .formatted(upstream));
    }
    int maxFills = value(SettingsTable.PROXY_MAXFILLS);
    return new Settings.Proxy(
        upstream,
        tls,
        login.filter(unused -> !mayBeAnybody),
        identityToken.filter(unused -> !mayBeAnybody),
        value(SettingsTable.PROXY_TTL),
        value(SettingsTable.PROXY_EXPIRE),
        value(SettingsTable.PROXY_REVALIDATE),
        given(SettingsTable.PROXY_REALMS).orElseGet(() -> defaultRealms(upstream)),
        value(SettingsTable.PROXY_KEEPDELETED),
        value(SettingsTable.PROXY_DEADLINE),
        value(SettingsTable.PROXY_CONNECTTIMEOUT),
        value(SettingsTable.PROXY_RESPONSETIMEOUT),
        value(SettingsTable.PROXY_IDLETIMEOUT),
        maxFills,
        maxConnections(maxFills));
  }

  private static List<URI> defaultRealms(URI upstream) {
    return DOCKER_HUB.contains(upstream.getHost()) ? List.of(DOCKER_HUB_REALM) : List.of();
  }

  private void checkCredentials(boolean login, boolean identityToken) {
    if (login && identityToken) {
      findings.problem(
          SettingsTable.PROXY_IDENTITYTOKEN.key(),
          "%s has one, but %s has a user name; expected one or the other"
              .formatted(
                  source(SettingsTable.PROXY_IDENTITYTOKEN), source(SettingsTable.PROXY_USERNAME)));
    }
  }

  /** Plain http is refused too where it is not asked for (S23). */
  private Settings.UpstreamTls upstreamTls(URI upstream) {
    boolean insecure = value(SettingsTable.PROXY_INSECURE);
    if (!insecure && !UrlSyntax.isSafe(upstream)) {
      findings.badValue(
          SettingsTable.PROXY_REMOTEURL,
          effective(SettingsTable.PROXY_REMOTEURL),
          "plain http only to this machine, unless proxy.insecure allows it");
    }
    if (insecure && !(UrlSyntax.isLoopback(upstream) && upstream.getScheme().equals("http"))) {
      findings.warning(
          "proxy.insecure: nobody checks that it is %s that answers".formatted(upstream));
    }
    return new Settings.UpstreamTls(
        pem(SettingsTable.PROXY_TLS_CA, PemFile::certificates).orElse(List.of()),
        identity(SettingsTable.PROXY_TLS_CERTIFICATE, SettingsTable.PROXY_TLS_KEY),
        insecure);
  }

  private Optional<Settings.ServerTls> serverTls() {
    Setting<Path> certificate = SettingsTable.HTTP_TLS_CERTIFICATE;
    Setting<Path> key = SettingsTable.HTTP_TLS_KEY;
    return identity(certificate, key)
        .flatMap(
            checked ->
                given(certificate)
                    .flatMap(
                        first ->
                            given(key)
                                .map(
                                    second ->
                                        new Settings.ServerTls(
                                            absolute(certificate, first), absolute(key, second)))));
  }

  /** A certificate and its key; what is wrong with either, or between them, is reported. */
  private Optional<TlsIdentity> identity(Setting<Path> certificate, Setting<Path> key) {
    requireBeside(certificate, key);
    requireBeside(key, certificate);
    Optional<List<X509Certificate>> chain = pem(certificate, PemFile::certificates);
    Optional<PrivateKey> secret = pem(key, PemFile::key);
    if (chain.isEmpty() || secret.isEmpty()) {
      return Optional.empty();
    }
    if (!PemFile.isKeyOf(chain.get().get(0), secret.get())) {
      findings.badValue(
          key,
          effective(key),
          "it is not the key of the first certificate in " + certificate.key());
    }
    return Optional.of(new TlsIdentity(chain.get(), secret.get()));
  }

  private <T> Optional<T> pem(Setting<Path> setting, Function<Path, T> reader) {
    return given(setting)
        .flatMap(
            path -> {
              try {
                return Optional.of(reader.apply(absolute(setting, path)));
              } catch (IllegalArgumentException e) {
                findings.badValue(setting, effective(setting), String.valueOf(e.getMessage()));
                return Optional.empty();
              }
            });
  }

  private int maxConnections(int maxFills) {
    int maxConnections = value(SettingsTable.PROXY_MAXCONNECTIONS);
    int least = maxFills + CONNECTIONS_BESIDE_FILLS;
    if (maxConnections < least) {
      findings.problem(
          SettingsTable.PROXY_MAXCONNECTIONS.key(),
          "%s is \"%d\"; expected at least %d, which is proxy.maxfills (%s) + %d"
              .formatted(
                  source(SettingsTable.PROXY_MAXCONNECTIONS),
                  maxConnections,
                  least,
                  source(SettingsTable.PROXY_MAXFILLS),
                  CONNECTIONS_BESIDE_FILLS));
    }
    return maxConnections;
  }

  private Optional<Settings.Outbound> outbound() {
    Optional<String> host = given(SettingsTable.OUTBOUND_HOST);
    Optional<Integer> port = given(SettingsTable.OUTBOUND_PORT);
    Optional<Login> login = login(SettingsTable.OUTBOUND_USERNAME, SettingsTable.OUTBOUND_PASSWORD);
    List<String> noProxy = given(SettingsTable.OUTBOUND_NOPROXY).orElse(List.of());
    List.of(
            SettingsTable.OUTBOUND_PORT,
            SettingsTable.OUTBOUND_USERNAME,
            SettingsTable.OUTBOUND_NOPROXY)
        .forEach(setting -> requireBeside(setting, SettingsTable.OUTBOUND_HOST));
    requireBeside(SettingsTable.OUTBOUND_HOST, SettingsTable.OUTBOUND_PORT);
    return host.flatMap(
        name -> port.map(number -> new Settings.Outbound(name, number, login, noProxy)));
  }

  private Optional<Login> login(Setting<String> username, Setting<Secret> password) {
    requireBeside(username, password);
    requireBeside(password, username);
    Optional<Secret> secret = given(password);
    return given(username).flatMap(name -> secret.map(hidden -> new Login(name, hidden)));
  }

  /**
   * Reports that {@code other} is missing if {@code setting} is given, which makes no sense alone.
   */
  private void requireBeside(Setting<?> setting, Setting<?> other) {
    if (givens.find(setting).isPresent() && givens.find(other).isEmpty()) {
      findings.problem(
          other.key(),
          "it is not given, but %s is, by %s; expected both or neither"
              .formatted(setting.key(), source(setting)));
    }
  }

  private Path rootDirectory() {
    Setting<Path> setting = SettingsTable.STORAGE_ROOTDIRECTORY;
    Path path = absolute(setting, value(setting));
    if (Files.exists(path) && !Files.isDirectory(path)) {
      findings.badValue(setting, effective(setting), "it is a file, not a folder");
    }
    return path;
  }

  private Optional<Path> importDirectory() {
    Setting<Path> setting = SettingsTable.IMPORT_DIR;
    Optional<Path> path = given(setting).map(dir -> absolute(setting, dir));
    if (path.isPresent() && !Files.isDirectory(path.get())) {
      findings.badValue(setting, effective(setting), "there is no such folder");
    }
    return path;
  }

  /** Makes a path absolute and normal; {@code ~} is the home folder, which a container may lack. */
  private Path absolute(Setting<Path> setting, Path path) {
    if (!path.startsWith("~")) {
      return path.toAbsolutePath().normalize();
    }
    Path home = Path.of(sources.systemProperties().getOrDefault("user.home", ""));
    if (!home.isAbsolute()) {
      findings.badValue(setting, effective(setting), "this user has no home folder");
    }
    return home.resolve(Path.of("~").relativize(path)).toAbsolutePath().normalize();
  }

  private <T> T value(Setting<T> setting) {
    return given(setting).orElseGet(() -> setting.syntax().parser().apply(setting.fallback()));
  }

  private <T> Optional<T> given(Setting<T> setting) {
    return givens.find(setting).flatMap(given -> setting.parse(given, findings));
  }

  private Given effective(Setting<?> setting) {
    return givens.find(setting).orElseGet(() -> new Given(setting.fallback(), "default"));
  }

  private String source(Setting<?> setting) {
    return effective(setting).source();
  }
}
