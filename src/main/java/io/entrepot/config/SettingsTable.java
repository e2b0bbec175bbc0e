package io.entrepot.config;

import io.entrepot.catalog.Pin;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

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
          "The URL that clients use, for `Link` headers; without it they are relative, or as a"
              + " trusted proxy says.");
  static final Setting<List<Cidr>> HTTP_TRUSTEDPROXIES =
      new Setting<>(
          "http.trustedproxies",
          Syntax.networks(),
          "",
          "Reverse proxies whose `X-Forwarded-For`, `-Host`, `-Port` and `-Proto` are believed;"
              + " nobody's unless given.");
  static final Setting<Duration> HTTP_DRAINTIMEOUT =
      new Setting<>(
          "http.draintimeout",
          Syntax.duration("0s", "1h"),
          "10s",
          "How long a stop or an undeployment waits for responses under way before it cuts them"
              + " off.");
  static final Setting<Long> HTTP_MINRATE =
      new Setting<>(
          "http.minrate",
          Syntax.size(),
          "1KiB",
          "How many bytes a second a client must take of a blob while it is waited for; 0 is none."
              + " Where sendfile sends a stored blob, only the server's own timeout counts.");
  static final Setting<Duration> HTTP_PATIENCE =
      new Setting<>(
          "http.patience",
          Syntax.duration("1s", "1h"),
          "60s",
          "How long a client is waited for before it is dropped for being slower.");
  static final Setting<Integer> HTTP_MAXPERCLIENT =
      new Setting<>(
          "http.maxperclient",
          Syntax.integer(0, 10_000),
          "0",
          "How many requests of one client address are answered at once, the next is a 429; 0 is"
              + " any number.");
  static final Setting<Path> HTTP_TLS_CERTIFICATE =
      new Setting<>(
          "http.tls.certificate",
          Syntax.path(),
          "",
          "A certificate and its chain, PEM: `java -jar` speaks TLS and HTTP/2 with it, and takes a"
              + " new one when the file changes; with `http.tls.key`.");
  static final Setting<Path> HTTP_TLS_KEY =
      new Setting<>("http.tls.key", Syntax.path(), "", "Its key, PEM, PKCS #8, unencrypted.");

  static final Setting<List<String>> UPSTREAMS_NAMES =
      new Setting<>(
          "upstreams.names",
          Syntax.upstreamNames(),
          "",
          "More upstreams; those that have keys of their own under `upstreams.<name>` in"
              + " `config.yml` need not be listed.");
  static final Setting<Integer> PROXY_MAXFILLS =
      new Setting<>(
          "proxy.maxfills",
          Syntax.integer(1, 1024),
          "32",
          "How many blobs are fetched at the same time.");

  static final Setting<Integer> LIMITS_MAXREQUESTS =
      new Setting<>(
          "limits.maxrequests",
          Syntax.integer(0, 10_000),
          "0",
          "As `proxy.maxrequests`, for all upstreams together.");
  static final Setting<Long> LIMITS_BANDWIDTH =
      new Setting<>(
          "limits.bandwidth",
          Syntax.size(),
          "0",
          "As `proxy.bandwidth`, for all upstreams together.");

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

  static final Setting<List<Pin>> EXPIRY_PINS =
      new Setting<>(
          "expiry.pins",
          Syntax.pins(),
          "",
          "What never expires: tags and all they lead to, as in `library/*:*-lts, ghcr.io/acme/*`.");

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

  static final Setting<String> THREADFACTORY =
      new Setting<>(
          "threadfactory",
          Syntax.jndiName(),
          "java:comp/DefaultManagedThreadFactory",
          "The JNDI name of the server's thread factory; when it is not given and not bound, or is"
              + " `none`, threads of our own.");

  private static final List<Setting<?>> ALL =
      Stream.of(
              List.of(CONFIG, HTTP_ADDR, HTTP_HOST, HTTP_TRUSTEDPROXIES, HTTP_DRAINTIMEOUT),
              List.of(HTTP_MINRATE, HTTP_PATIENCE, HTTP_MAXPERCLIENT),
              List.of(HTTP_TLS_CERTIFICATE, HTTP_TLS_KEY),
              UpstreamTable.all(),
              List.of(
                  UPSTREAMS_NAMES,
                  PROXY_MAXFILLS,
                  LIMITS_MAXREQUESTS,
                  LIMITS_BANDWIDTH,
                  STORAGE_ROOTDIRECTORY,
                  STORAGE_RESERVE,
                  STORAGE_RESUMABLE,
                  STORAGE_UNLINKGRACE,
                  STORAGE_VERIFYAFTER,
                  STORAGE_SCRUBRATE,
                  EXPIRY_MAXPERSECOND,
                  EXPIRY_PINS,
                  IMPORT_DIR,
                  DATASOURCE,
                  THREADFACTORY))
          .<Setting<?>>flatMap(List::stream)
          .toList();

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
