package io.entrepot.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The settings that each upstream has: those of the default one stand under {@code proxy}, those of
 * another under its name, see {@link UpstreamKeys}.
 */
final class UpstreamTable {
  static final Setting<String> NAME =
      new Setting<>(
          "proxy.name",
          Syntax.upstreamName(),
          "",
          "How clients name this upstream, as in `ns=` and in paths; its host unless given,"
              + " `docker.io` for Docker Hub.");
  static final Setting<URI> REMOTEURL =
      new Setting<>(
          "proxy.remoteurl",
          Syntax.origin(),
          "https://registry-1.docker.io",
          "The upstream registry; http is for this machine, unless `proxy.insecure`.");
  static final Setting<List<URI>> MIRRORS =
      new Setting<>(
          "proxy.mirrors",
          Syntax.origins(),
          "",
          "Registries with the same content, which take over while it fails.");
  static final Setting<List<String>> HOSTS =
      new Setting<>(
          "proxy.hosts",
          Syntax.hosts(),
          "",
          "Host names under which clients reach this cache when they mean this upstream.");
  static final Setting<Boolean> OFFLINE =
      new Setting<>(
          "proxy.offline",
          Syntax.bool(),
          "false",
          "Whether it is never asked: what is here is served, what is not is listed in"
              + " `/api/missing`.");
  static final Setting<Path> TLS_CA =
      new Setting<>(
          "proxy.tls.ca",
          Syntax.path(),
          "",
          "Certificates, PEM, of authorities to trust besides those of the Java runtime.");
  static final Setting<Path> TLS_CERTIFICATE =
      new Setting<>(
          "proxy.tls.certificate",
          Syntax.path(),
          "",
          "A client certificate and its chain, PEM, shown to the upstream and `proxy.realms` only;"
              + " with `proxy.tls.key`.");
  static final Setting<Path> TLS_KEY =
      new Setting<>("proxy.tls.key", Syntax.path(), "", "Its key, PEM, PKCS #8, unencrypted.");
  static final Setting<Boolean> INSECURE =
      new Setting<>(
          "proxy.insecure",
          Syntax.bool(),
          "false",
          "Whether the upstream may be spoken to in plain http, or show any certificate; it then"
              + " gets no credentials.");
  static final Setting<String> USERNAME =
      new Setting<>(
          "proxy.username",
          Syntax.username(),
          "",
          "Who to be upstream; with `proxy.password` or `proxy.passwordfile`.");
  static final Setting<Secret> PASSWORD =
      new Setting<>(
          "proxy.password", Syntax.secret(), "", "The password, or better an access token.");
  static final Setting<Secret> IDENTITYTOKEN =
      new Setting<>(
          "proxy.identitytoken",
          Syntax.secret(),
          "",
          "An OAuth2 refresh token, in place of user name and password.");
  static final Setting<Path> PASSWORDFILE =
      new Setting<>(
          "proxy.passwordfile",
          Syntax.path(),
          "",
          "A file with the password, read when it changes.");
  static final Setting<Login> CREDENTIALS =
      new Setting<>(
          "proxy.credentials",
          Syntax.login(),
          "",
          "Both in one; in JNDI also a `java.net.PasswordAuthentication`.");
  static final Setting<Path> DOCKERCONFIG =
      new Setting<>(
          "proxy.dockerconfig",
          Syntax.path(),
          "",
          "Docker's own `config.json`, read when it changes, with the credential helpers it names.");
  static final Setting<String> EXEC_COMMAND =
      new Setting<>(
          "proxy.exec.command",
          Syntax.helper(),
          "",
          "A credential helper of Docker's to ask for user name and password.");
  static final Setting<Duration> EXEC_LIFETIME =
      new Setting<>(
          "proxy.exec.lifetime",
          Syntax.duration("1s", "7d"),
          "1h",
          "How long its answer is used, unless it is refused before.");
  static final Setting<Duration> EXEC_TIMEOUT =
      new Setting<>(
          "proxy.exec.timeout",
          Syntax.duration("1s", "5m"),
          "30s",
          "How long it may take; then it is killed.");
  static final Setting<List<Path>> EXEC_PATH =
      new Setting<>(
          "proxy.exec.path",
          Syntax.folders(),
          "",
          "The folders it is looked for in; `PATH` unless given.");
  static final Setting<Boolean> ANONYMOUSFALLBACK =
      new Setting<>(
          "proxy.anonymousfallback",
          Syntax.bool(),
          "false",
          "Whether the upstream is asked anonymously when it refuses the credentials.");
  static final Setting<Duration> TTL =
      new Setting<>(
          "proxy.ttl",
          Syntax.duration(),
          "168h",
          "How long content is kept; 0 is for ever. See `proxy.expire`.");
  static final Setting<Expire> EXPIRE =
      new Setting<>(
          "proxy.expire",
          Syntax.choice(List.of(Expire.values())),
          "after-use",
          "Whether the ttl counts from the last use or from the fetch.");
  static final Setting<Duration> REVALIDATE =
      new Setting<>(
          "proxy.revalidate",
          Syntax.duration(),
          "0s",
          "How long a tag is served without asking the upstream whether it has moved.");
  static final Setting<List<URI>> REALMS =
      new Setting<>(
          "proxy.realms",
          Syntax.safeOrigins(),
          "",
          "Token servers, besides the upstream itself, that may get the credentials; for Docker Hub"
              + " `https://auth.docker.io` unless given.");
  static final Setting<Boolean> KEEPDELETED =
      new Setting<>(
          "proxy.keepdeleted",
          Syntax.bool(),
          "false",
          "Whether a tag that the upstream has deleted is still served.");
  static final Setting<Duration> DEADLINE =
      new Setting<>(
          "proxy.deadline",
          Syntax.duration("1ms", "1h"),
          "5s",
          "How long a client waits for the upstream before it gets a stale answer.");
  static final Setting<Duration> CONNECTTIMEOUT =
      new Setting<>(
          "proxy.connecttimeout",
          Syntax.duration("1ms", "1h"),
          "5s",
          "How long a connection to the upstream may take.");
  static final Setting<Duration> RESPONSETIMEOUT =
      new Setting<>(
          "proxy.responsetimeout",
          Syntax.duration("1ms", "1h"),
          "30s",
          "How long the upstream may take to begin an answer.");
  static final Setting<Duration> IDLETIMEOUT =
      new Setting<>(
          "proxy.idletimeout",
          Syntax.duration("1ms", "1h"),
          "30s",
          "How long the upstream may pause within an answer.");
  static final Setting<Integer> MAXCONNECTIONS =
      new Setting<>(
          "proxy.maxconnections",
          Syntax.integer(9, 10_000),
          "64",
          "Connections to the upstream; at least `proxy.maxfills` + 8.");
  static final Setting<String> OUTBOUND_HOST =
      new Setting<>(
          "outbound.host", Syntax.host(), "", "An HTTP proxy on the way to the upstream.");
  static final Setting<Integer> OUTBOUND_PORT =
      new Setting<>("outbound.port", Syntax.integer(1, 65_535), "", "Its port.");
  static final Setting<String> OUTBOUND_USERNAME =
      new Setting<>(
          "outbound.username", Syntax.username(), "", "Who to be there; with `outbound.password`.");
  static final Setting<Secret> OUTBOUND_PASSWORD =
      new Setting<>("outbound.password", Syntax.secret(), "", "The password there.");
  static final Setting<List<String>> OUTBOUND_NOPROXY =
      new Setting<>(
          "outbound.noproxy", Syntax.hostPatterns(), "", "Hosts that are reached without it.");
  private static final List<Setting<?>> ALL =
      List.of(
          NAME,
          REMOTEURL,
          MIRRORS,
          HOSTS,
          OFFLINE,
          TLS_CA,
          TLS_CERTIFICATE,
          TLS_KEY,
          INSECURE,
          USERNAME,
          PASSWORD,
          IDENTITYTOKEN,
          PASSWORDFILE,
          CREDENTIALS,
          DOCKERCONFIG,
          EXEC_COMMAND,
          EXEC_LIFETIME,
          EXEC_TIMEOUT,
          EXEC_PATH,
          ANONYMOUSFALLBACK,
          TTL,
          EXPIRE,
          REVALIDATE,
          REALMS,
          KEEPDELETED,
          DEADLINE,
          CONNECTTIMEOUT,
          RESPONSETIMEOUT,
          IDLETIMEOUT,
          MAXCONNECTIONS,
          OUTBOUND_HOST,
          OUTBOUND_PORT,
          OUTBOUND_USERNAME,
          OUTBOUND_PASSWORD,
          OUTBOUND_NOPROXY);

  private UpstreamTable() {}

  /** All of them, in the order in which people should read them. */
  static List<Setting<?>> all() {
    return ALL;
  }
}
