package io.entrepot.config;

import io.entrepot.catalog.Pin;
import io.entrepot.oci.Cidr;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The table of all settings. This class has the settings of the server; {@link UpstreamTable} has
 * those of an upstream. Reading, checks for unknown keys, and the documentation all use these
 * tables.
 */
public final class SettingsTable {
  /** The part of a text that fits on one line of the help. */
  private static final Pattern HELP_LINE = Pattern.compile("(.{1,94})(?: |$)");

  static final Setting<Path> CONFIG =
      new Setting<>(
          "config",
          Syntax.path(),
          "",
          "The `config.yml` to read. Without it, no file is read. The file itself cannot name"
              + " another one.");

  static final Setting<Address> HTTP_ADDR =
      new Setting<>(
          "http.addr",
          Syntax.address(),
          "127.0.0.1:5000",
          "Where `java -jar` listens. `:5000` means all network interfaces; port 0 takes any free"
              + " port. Other servers set this in their own files.");
  static final Setting<Address> HTTP_ADMINADDR =
      new Setting<>(
          "http.adminaddr",
          Syntax.address(),
          "",
          "Where `java -jar` listens for `/api`, `/metrics` and `/ui`. They are then nowhere else,"
              + " and nothing else is there. The probes `/api/health/live` and `ready` stay at both."
              + " It needs a port of its own.");
  static final Setting<Integer> HTTP_ADMINPORT =
      new Setting<>(
          "http.adminport",
          Syntax.integer(1, 65_535),
          "",
          "The same for other servers: the port at which `/api`, `/metrics` and `/ui` answer alone."
              + " The server must listen there.");
  static final Setting<Path> HTTP_TLS_CERTIFICATE =
      new Setting<>(
          "http.tls.certificate",
          Syntax.path(),
          "",
          "A PEM file with a certificate and its chain. With it, and with `http.tls.key`,"
              + " `java -jar` speaks TLS and HTTP/2. A changed file is read again.");
  static final Setting<Path> HTTP_TLS_KEY =
      new Setting<>(
          "http.tls.key",
          Syntax.path(),
          "",
          "A PEM file with the key of the certificate: PKCS #8, not encrypted.");

  static final Setting<Settings.Log.Format> LOG_FORMAT =
      new Setting<>(
          "log.format",
          Syntax.choice(List.of(Settings.Log.Format.values())),
          "text",
          "How `java -jar` writes its log to standard error. `json` is an object a line: `time`,"
              + " `level`, `logger`, `message`, and `request` and `exception` where there are any.");
  static final Setting<Settings.Log.Level> LOG_LEVEL =
      new Setting<>(
          "log.level",
          Syntax.choice(List.of(Settings.Log.Level.values())),
          "info",
          "The least level that `java -jar` logs. `warn` leaves out the line for each request that"
              + " did not fail.");

  static final Setting<Duration> HTTP_HSTS =
      new Setting<>(
          "http.hsts",
          Syntax.duration("0s", "3650d"),
          "0s",
          "For how long browsers shall reach this host by TLS only (`Strict-Transport-Security`)."
              + " Every answer by TLS says so. `0s` says nothing. It holds for all that the host"
              + " serves, on every port.");

  static final Setting<URI> HTTP_HOST =
      new Setting<>(
          "http.host",
          Syntax.origin(),
          "",
          "The URL that clients use for this cache. It is needed for `Link` headers only. Without"
              + " it these are relative, or follow the headers of a trusted proxy.");
  static final Setting<List<Cidr>> HTTP_TRUSTEDPROXIES =
      new Setting<>(
          "http.trustedproxies",
          Syntax.networks(),
          "",
          "Reverse proxies whose `X-Forwarded-For`, `-Host`, `-Port` and `-Proto` are used."
              + " Without it, these headers are ignored.");
  static final Setting<Long> HTTP_MINRATE =
      new Setting<>(
          "http.minrate",
          Syntax.size(),
          "1KiB",
          "How many bytes a second a client must at least read. A slower one is dropped after"
              + " `http.patience`. `0` drops no client. If the server sends a stored blob or"
              + " manifest by sendfile, only the server's own timeout applies.");
  static final Setting<Duration> HTTP_PATIENCE =
      new Setting<>(
          "http.patience",
          Syntax.duration("1s", "1h"),
          "60s",
          "How long a client may be slower than `http.minrate` before it is dropped. Time in which"
              + " the client waits for the upstream does not count.");
  static final Setting<Integer> HTTP_MAXPERCLIENT =
      new Setting<>(
          "http.maxperclient",
          Syntax.integer(0, 10_000),
          "",
          "How many requests of one client address are answered at once. Further ones get a 429 with"
              + " `Retry-After`. `java -jar`, and Tomcat as tomcat-conf installs it, also keep at most"
              + " so many connections of it. `0` is no limit. If it is not set: 1,024 by `java -jar`; in"
              + " other servers 1,024 connections, and 4 requests for each MiB of heap, 1,024 at most."
              + " Clients behind one NAT address share it. A reverse proxy counts as one client,"
              + " unless `http.trustedproxies` names it.");
  static final Setting<Duration> HTTP_DRAINTIMEOUT =
      new Setting<>(
          "http.draintimeout",
          Syntax.duration("0s", "1h"),
          "10s",
          "How long a stop or an undeployment waits for running responses. Then it cuts them off.");

  static final Setting<List<String>> UPSTREAMS_NAMES =
      new Setting<>(
          "upstreams.names",
          Syntax.upstreamNames(),
          "",
          "The names of more upstreams. An upstream that has keys of its own under"
              + " `upstreams.NAME` in `config.yml` need not be listed.");
  static final Setting<Integer> PROXY_MAXFILLS =
      new Setting<>(
          "proxy.maxfills",
          Syntax.integer(1, 1024),
          "32",
          "How many blobs are fetched at the same time, from all upstreams together. If more are asked"
              + " for, clients and upstreams take turns. A client gets three quarters at most, and of"
              + " several upstreams each keeps some. Blobs larger than 1 MiB get three quarters"
              + " together, so small ones need not wait for them.");

  static final Setting<Integer> LIMITS_MAXREQUESTS =
      new Setting<>(
          "limits.maxrequests",
          Syntax.integer(0, 10_000),
          "0",
          "Like `proxy.maxrequests`, but for all upstreams together.");
  static final Setting<Long> LIMITS_BANDWIDTH =
      new Setting<>(
          "limits.bandwidth",
          Syntax.size(),
          "0",
          "Like `proxy.bandwidth`, but for all upstreams together.");

  static final Setting<Path> STORAGE_ROOTDIRECTORY =
      new Setting<>(
          "storage.filesystem.rootdirectory",
          Syntax.path(),
          "~/.entrepot",
          "The folder in which blobs are stored. `~` is the home folder.");
  static final Setting<Long> STORAGE_RESERVE =
      new Setting<>(
          "storage.reserve",
          Syntax.size(),
          "1GiB",
          "How much space stays free on the disk of that folder. Room is made for a blob that does not"
              + " fit. If that is not enough, the blob is served, but not stored.");
  static final Setting<Long> STORAGE_QUOTA =
      new Setting<>(
          "storage.quota",
          Syntax.size(),
          "0",
          "How much the stored blobs and the running fetches may take together. If a fetch needs more,"
              + " room is made: the images that were not used for longest go. `0` is no limit. The"
              + " database is not counted.");
  static final Setting<Integer> STORAGE_LOWWATER =
      new Setting<>(
          "storage.lowwater",
          Syntax.integer(1, 100),
          "90",
          "When room is made, down to which percentage of `storage.quota`. So it is not made again"
              + " for each fetch.");
  static final Setting<Boolean> STORAGE_RESUMABLE =
      new Setting<>(
          "storage.resumable",
          Syntax.bool(),
          "true",
          "Whether a fetch that was interrupted, by a stop or by the upstream, continues at its last"
              + " checkpoint. There is a checkpoint every 64 MiB.");
  static final Setting<Duration> STORAGE_UNLINKGRACE =
      new Setting<>(
          "storage.unlinkgrace",
          Syntax.duration("0s", "1h"),
          "60s",
          "How long the file of an evicted blob stays on disk. A response that is about to send it"
              + " can then still open it.");
  static final Setting<Duration> STORAGE_VERIFYAFTER =
      new Setting<>(
          "storage.verifyafter",
          Syntax.duration(),
          "30d",
          "How long after its last check a stored blob is hashed and checked again. `0` never"
              + " checks again.");
  static final Setting<Long> STORAGE_SCRUBRATE =
      new Setting<>(
          "storage.scrubrate",
          Syntax.size(),
          "20MiB",
          "How many bytes a second are read to check stored blobs, while no blob is being fetched."
              + " `0` checks blobs only when they are pulled.");

  static final Setting<Integer> EXPIRY_MAXPERSECOND =
      new Setting<>(
          "expiry.maxpersecond",
          Syntax.integer(1, 100_000),
          "200",
          "How many leases are ended or renewed a second. So a restart or a changed clock does not"
              + " end very many at once.");

  static final Setting<List<Pin>> EXPIRY_PINS =
      new Setting<>(
          "expiry.pins",
          Syntax.pins(),
          "",
          "Tags that never expire, with all that they lead to, such as"
              + " `library/*:*-lts, ghcr.io/acme/*`.");

  static final Setting<List<PlannedPrefetch>> PREFETCH =
      new Setting<>(
          "prefetch",
          Syntax.prefetches(),
          "",
          "Images that are fetched before anybody asks, such as `0 3 * * * ghcr.io/acme/*:v*` for"
              + " each night at three: minute, hour, day of the month, month, day of the week, in"
              + " the time zone of this machine. Then comes the image, and perhaps platforms:"
              + " `*/30 * * * 1-5 library/alpine:latest linux/amd64`. With `referrers` at the end,"
              + " signatures come too. `*` in a repository means those that are held.");

  static final Setting<Path> IMPORT_DIR =
      new Setting<>(
          "import.dir",
          Syntax.path(),
          "",
          "The storage folder of a docker-registry. Its blobs are taken over into this cache, and"
              + " the folder is not changed. Files that only this user can write are linked, all"
              + " others are copied. Symbolic links in it are not followed.");

  static final Setting<String> DATASOURCE =
      new Setting<>(
          "datasource",
          Syntax.jndiName(),
          "jdbc/entrepot",
          "The JNDI name of the database, H2 or PostgreSQL. If the setting is not given and nothing"
              + " is bound to the default name, Entrepot has a database file beside the blobs.");

  static final Setting<String> THREADFACTORY =
      new Setting<>(
          "threadfactory",
          Syntax.jndiName(),
          "java:comp/DefaultManagedThreadFactory",
          "The JNDI name of a thread factory of the server. If the setting is `none`, or is not"
              + " given and nothing is bound to the default name, Entrepot makes its own threads.");

  private SettingsTable() {}

  /** All settings, in the order in which people should read them. */
  static List<Setting<?>> all() {
    return SettingsSections.settings();
  }

  static boolean has(String key) {
    return all().stream().anyMatch(setting -> setting.key().equals(key));
  }

  /** The table as text for a terminal. The launcher prints it for {@code --help}. */
  public static String help() {
    StringBuilder help = new StringBuilder();
    for (SettingsSections.Section section : SettingsSections.all()) {
      help.append('\n').append(section.title()).append(":\n");
      section.settings().forEach(setting -> help.append(help(setting)));
    }
    return help.toString();
  }

  private static String help(Setting<?> setting) {
    String fallback = setting.fallback().isEmpty() ? "" : "; default " + setting.fallback();
    String meaning = setting.meaning().replace("`", "");
    return "  %s  (%s%s)\n      %s\n%s"
        .formatted(
            setting.key(),
            setting.syntax().expected(),
            fallback,
            setting.environmentName(),
            HELP_LINE.matcher(meaning).replaceAll("      $1\n"));
  }
}
