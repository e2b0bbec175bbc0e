package io.entrepot.config;

import io.entrepot.oci.NamePattern;
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
  static final Setting<List<Settings.TagRule>> TAGS =
      new Setting<>(
          "proxy.tags",
          Syntax.tagRules(),
          "",
          "Other intervals than `proxy.revalidate` for tags that match, the first that does counts:"
              + " `v*.*.*=immutable, latest=1m`.");
  static final Setting<Duration> MAXAGE =
      new Setting<>(
          "proxy.maxage",
          Syntax.duration(),
          "1h",
          "How long at most the upstream's own `Cache-Control: max-age` is believed where it is more"
              + " than the interval.");
  static final Setting<Duration> STALEWINDOW =
      new Setting<>(
          "proxy.stalewindow",
          Syntax.duration(),
          "0s",
          "How long after its interval a tag is served at once while the upstream is asked behind"
              + " it.");
  static final Setting<Duration> NEGATIVE =
      new Setting<>(
          "proxy.negative",
          Syntax.duration("0s", "1h"),
          "5s",
          "How long it is believed that the upstream does not have something.");
  static final Setting<Duration> COOLING =
      new Setting<>(
          "proxy.cooling",
          Syntax.duration(),
          "0s",
          "How long ago the upstream must have named a digest first before its tag leads there.");
  static final Setting<List<NamePattern>> ALLOW =
      new Setting<>(
          "proxy.allow",
          Syntax.repositoryGlobs(),
          "",
          "The repositories of the upstream that may be had; all unless given.");
  static final Setting<List<NamePattern>> DENY =
      new Setting<>(
          "proxy.deny",
          Syntax.repositoryGlobs(),
          "",
          "The repositories of the upstream that may not be had, whatever `proxy.allow` says.");
  static final Setting<Long> MAXBLOBSIZE =
      new Setting<>(
          "proxy.maxblobsize",
          Syntax.size(),
          "0",
          "How large a blob may be to be fetched; 0 is any size.");
  static final Setting<Integer> FINISHFROM =
      new Setting<>(
          "proxy.finishfrom",
          Syntax.integer(0, 100),
          "0",
          "From how many percent on a blob is fetched to its end although all clients have left.");
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
  static final Setting<Integer> BREAKER_FAILURES =
      new Setting<>(
          "proxy.breaker.failures",
          Syntax.integer(1, 1000),
          "5",
          "How many failures in a row let the upstream rest; meanwhile what is here is served at"
              + " once.");
  static final Setting<Duration> BREAKER_REST =
      new Setting<>(
          "proxy.breaker.rest",
          Syntax.duration("100ms", "1h"),
          "2s",
          "How long the first rest is; then one request tries, and each rest is twice as long.");
  static final Setting<Duration> BREAKER_MAXREST =
      new Setting<>(
          "proxy.breaker.maxrest",
          Syntax.duration("100ms", "1d"),
          "60s",
          "How long a rest is at most.");
  static final Setting<Duration> RATELIMIT_REST =
      new Setting<>(
          "proxy.ratelimit.rest",
          Syntax.duration("1s", "1h"),
          "30s",
          "How long the upstream is not asked after a 429 without `Retry-After`.");
  static final Setting<Duration> RATELIMIT_MAXREST =
      new Setting<>(
          "proxy.ratelimit.maxrest",
          Syntax.duration("1s", "1d"),
          "10m",
          "How long at most, whatever `Retry-After` says.");
  static final Setting<Integer> RATELIMIT_SCARCE =
      new Setting<>(
          "proxy.ratelimit.scarce",
          Syntax.integer(0, 100),
          "10",
          "Below how many percent of its limit of requests what is here is no longer revalidated.");
  static final Setting<Integer> MAXREQUESTS =
      new Setting<>(
          "proxy.maxrequests",
          Syntax.integer(0, 10_000),
          "0",
          "How many requests to the upstream are under way at once; 0 is as many as there are"
              + " connections. More than `proxy.maxfills`, lest pulls of tags wait for blobs.");
  static final Setting<Long> BANDWIDTH =
      new Setting<>(
          "proxy.bandwidth",
          Syntax.size(),
          "0",
          "How many bytes a second come from the upstream; 0 is any number.");

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
          UpstreamTlsTable.CA,
          UpstreamTlsTable.CERTIFICATE,
          UpstreamTlsTable.KEY,
          UpstreamTlsTable.INSECURE,
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
          TAGS,
          MAXAGE,
          STALEWINDOW,
          NEGATIVE,
          COOLING,
          ALLOW,
          DENY,
          MAXBLOBSIZE,
          FINISHFROM,
          DEADLINE,
          CONNECTTIMEOUT,
          RESPONSETIMEOUT,
          IDLETIMEOUT,
          MAXCONNECTIONS,
          BREAKER_FAILURES,
          BREAKER_REST,
          BREAKER_MAXREST,
          RATELIMIT_REST,
          RATELIMIT_MAXREST,
          RATELIMIT_SCARCE,
          MAXREQUESTS,
          BANDWIDTH,
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
