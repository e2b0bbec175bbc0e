package io.entrepot.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * All settings there are. What is read, what is unknown and what the documentation says all come
 * from here.
 */
public final class SettingsTable {
  static final Setting<Path> CONFIG =
      new Setting<>("config", Syntax.path(), "", "The `config.yml` to read, if any.");

  static final Setting<Address> HTTP_ADDR =
      new Setting<>(
          "http.addr",
          Syntax.address(),
          "127.0.0.1:5000",
          "Where `java -jar` listens; `:5000` is all interfaces, port 0 any free one. Other servers"
              + " have their own setting.");
  static final Setting<URI> HTTP_HOST =
      new Setting<>(
          "http.host",
          Syntax.origin(),
          "",
          "The URL that clients use, for `Link` headers; without it they are relative.");
  static final Setting<Duration> HTTP_DRAINTIMEOUT =
      new Setting<>(
          "http.draintimeout",
          Syntax.duration("0s", "1h"),
          "10s",
          "How long a stop or an undeployment waits for responses under way before it cuts them"
              + " off.");
  static final Setting<Path> HTTP_TLS_CERTIFICATE =
      new Setting<>(
          "http.tls.certificate",
          Syntax.path(),
          "",
          "A certificate and its chain, PEM: `java -jar` speaks TLS and HTTP/2 with it, and takes a"
              + " new one when the file changes; with `http.tls.key`.");
  static final Setting<Path> HTTP_TLS_KEY =
      new Setting<>("http.tls.key", Syntax.path(), "", "Its key, PEM, PKCS #8, unencrypted.");

  static final Setting<URI> PROXY_REMOTEURL =
      new Setting<>(
          "proxy.remoteurl",
          Syntax.origin(),
          "https://registry-1.docker.io",
          "The upstream registry; http is for this machine, unless `proxy.insecure`.");
  static final Setting<Path> PROXY_TLS_CA =
      new Setting<>(
          "proxy.tls.ca",
          Syntax.path(),
          "",
          "Certificates, PEM, of authorities to trust besides those of the Java runtime.");
  static final Setting<Path> PROXY_TLS_CERTIFICATE =
      new Setting<>(
          "proxy.tls.certificate",
          Syntax.path(),
          "",
          "A client certificate and its chain, PEM, shown to the upstream and `proxy.realms` only;"
              + " with `proxy.tls.key`.");
  static final Setting<Path> PROXY_TLS_KEY =
      new Setting<>("proxy.tls.key", Syntax.path(), "", "Its key, PEM, PKCS #8, unencrypted.");
  static final Setting<Boolean> PROXY_INSECURE =
      new Setting<>(
          "proxy.insecure",
          Syntax.bool(),
          "false",
          "Whether the upstream may be spoken to in plain http, or show any certificate; it then"
              + " gets no credentials.");
  static final Setting<String> PROXY_USERNAME =
      new Setting<>(
          "proxy.username", Syntax.username(), "", "Who to be upstream; with `proxy.password`.");
  static final Setting<Secret> PROXY_PASSWORD =
      new Setting<>(
          "proxy.password", Syntax.secret(), "", "The password, or better an access token.");
  static final Setting<Secret> PROXY_IDENTITYTOKEN =
      new Setting<>(
          "proxy.identitytoken",
          Syntax.secret(),
          "",
          "An OAuth2 refresh token, in place of user name and password.");
  static final Setting<Duration> PROXY_TTL =
      new Setting<>(
          "proxy.ttl",
          Syntax.duration(),
          "168h",
          "How long content is kept; 0 is for ever. See `proxy.expire`.");
  static final Setting<Expire> PROXY_EXPIRE =
      new Setting<>(
          "proxy.expire",
          Syntax.choice(List.of(Expire.values())),
          "after-use",
          "Whether the ttl counts from the last use or from the fetch.");
  static final Setting<Duration> PROXY_REVALIDATE =
      new Setting<>(
          "proxy.revalidate",
          Syntax.duration(),
          "0s",
          "How long a tag is served without asking the upstream whether it has moved.");
  static final Setting<List<URI>> PROXY_REALMS =
      new Setting<>(
          "proxy.realms",
          Syntax.safeOrigins(),
          "",
          "Token servers, besides the upstream itself, that may get the credentials; for Docker Hub"
              + " `https://auth.docker.io` unless given.");
  static final Setting<Boolean> PROXY_KEEPDELETED =
      new Setting<>(
          "proxy.keepdeleted",
          Syntax.bool(),
          "false",
          "Whether a tag that the upstream has deleted is still served.");
  static final Setting<Duration> PROXY_DEADLINE =
      new Setting<>(
          "proxy.deadline",
          Syntax.duration("1ms", "1h"),
          "5s",
          "How long a client waits for the upstream before it gets a stale answer.");
  static final Setting<Duration> PROXY_CONNECTTIMEOUT =
      new Setting<>(
          "proxy.connecttimeout",
          Syntax.duration("1ms", "1h"),
          "5s",
          "How long a connection to the upstream may take.");
  static final Setting<Duration> PROXY_RESPONSETIMEOUT =
      new Setting<>(
          "proxy.responsetimeout",
          Syntax.duration("1ms", "1h"),
          "30s",
          "How long the upstream may take to begin an answer.");
  static final Setting<Duration> PROXY_IDLETIMEOUT =
      new Setting<>(
          "proxy.idletimeout",
          Syntax.duration("1ms", "1h"),
          "30s",
          "How long the upstream may pause within an answer.");
  static final Setting<Integer> PROXY_MAXFILLS =
      new Setting<>(
          "proxy.maxfills",
          Syntax.integer(1, 1024),
          "32",
          "How many blobs are fetched at the same time.");
  static final Setting<Integer> PROXY_MAXCONNECTIONS =
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

  static final Setting<Path> STORAGE_ROOTDIRECTORY =
      new Setting<>(
          "storage.filesystem.rootdirectory",
          Syntax.path(),
          "~/.entrepot",
          "The folder of the stored blobs; `~` is the home folder.");
  static final Setting<Long> STORAGE_RESERVE =
      new Setting<>(
          "storage.reserve",
          Syntax.size(),
          "1GiB",
          "Free space that is left on its disk; what does not fit is served but not stored.");
  static final Setting<Boolean> STORAGE_RESUMABLE =
      new Setting<>(
          "storage.resumable",
          Syntax.bool(),
          "true",
          "Whether a fill that a stop or the upstream has broken goes on at its last checkpoint.");
  static final Setting<Duration> STORAGE_UNLINKGRACE =
      new Setting<>(
          "storage.unlinkgrace",
          Syntax.duration("0s", "1h"),
          "60s",
          "How long an evicted file stays, for a send that is about to open it.");
  static final Setting<Duration> STORAGE_VERIFYAFTER =
      new Setting<>(
          "storage.verifyafter",
          Syntax.duration(),
          "30d",
          "How long a stored blob is served before its bytes are verified again; 0 is for ever.");
  static final Setting<Long> STORAGE_SCRUBRATE =
      new Setting<>(
          "storage.scrubrate",
          Syntax.size(),
          "20MiB",
          "How much is read each second, while no blob is filled, to verify what is stored; 0 is"
              + " never.");

  static final Setting<Integer> EXPIRY_MAXPERSECOND =
      new Setting<>(
          "expiry.maxpersecond",
          Syntax.integer(1, 100_000),
          "200",
          "Evictions and renewals per second, so that a restart or a jump of the clock does not"
              + " bring all at once.");

  static final Setting<Path> IMPORT_DIR =
      new Setting<>(
          "import.dir",
          Syntax.path(),
          "",
          "The storage folder of a docker-registry whose blobs are taken over.");

  static final Setting<String> DATASOURCE =
      new Setting<>(
          "datasource",
          Syntax.jndiName(),
          "jdbc/entrepot",
          "The JNDI name of the database; when it is not given and not bound, a file database beside"
              + " the blobs.");

  private static final List<Setting<?>> ALL =
      List.of(
          CONFIG,
          HTTP_ADDR,
          HTTP_HOST,
          HTTP_DRAINTIMEOUT,
          HTTP_TLS_CERTIFICATE,
          HTTP_TLS_KEY,
          PROXY_REMOTEURL,
          PROXY_TLS_CA,
          PROXY_TLS_CERTIFICATE,
          PROXY_TLS_KEY,
          PROXY_INSECURE,
          PROXY_USERNAME,
          PROXY_PASSWORD,
          PROXY_IDENTITYTOKEN,
          PROXY_TTL,
          PROXY_EXPIRE,
          PROXY_REVALIDATE,
          PROXY_REALMS,
          PROXY_KEEPDELETED,
          PROXY_DEADLINE,
          PROXY_CONNECTTIMEOUT,
          PROXY_RESPONSETIMEOUT,
          PROXY_IDLETIMEOUT,
          PROXY_MAXFILLS,
          PROXY_MAXCONNECTIONS,
          OUTBOUND_HOST,
          OUTBOUND_PORT,
          OUTBOUND_USERNAME,
          OUTBOUND_PASSWORD,
          OUTBOUND_NOPROXY,
          STORAGE_ROOTDIRECTORY,
          STORAGE_RESERVE,
          STORAGE_RESUMABLE,
          STORAGE_UNLINKGRACE,
          STORAGE_VERIFYAFTER,
          STORAGE_SCRUBRATE,
          EXPIRY_MAXPERSECOND,
          IMPORT_DIR,
          DATASOURCE);

  private SettingsTable() {}

  /** All settings, in the order in which people should read them. */
  static List<Setting<?>> all() {
    return ALL;
  }

  static boolean has(String key) {
    return ALL.stream().anyMatch(setting -> setting.key().equals(key));
  }

  /** The table in Markdown, for the README. */
  public static String markdown() {
    StringBuilder table = new StringBuilder();
    table.append("| setting | environment | value | default | meaning |\n");
    table.append("|---|---|---|---|---|\n");
    for (Setting<?> setting : ALL) {
      table.append(
          "| `%s` | `%s` | %s | %s | %s |\n"
              .formatted(
                  setting.key(),
                  setting.environmentName(),
                  setting.syntax().expected(),
                  setting.fallback().isEmpty() ? "" : "`" + setting.fallback() + "`",
                  setting.meaning()));
    }
    return table.toString();
  }

  /** The table for a terminal; the launcher's {@code --help} prints it. */
  public static String help() {
    StringBuilder help = new StringBuilder();
    for (Setting<?> setting : ALL) {
      help.append(
          "  %s  (%s%s)\n"
              .formatted(setting.key(), setting.syntax().expected(), fallback(setting)));
      help.append("      ").append(setting.environmentName()).append('\n');
      help.append("      ").append(setting.meaning().replace("`", "")).append('\n');
    }
    return help.toString();
  }

  private static String fallback(Setting<?> setting) {
    return setting.fallback().isEmpty() ? "" : "; default " + setting.fallback();
  }
}
