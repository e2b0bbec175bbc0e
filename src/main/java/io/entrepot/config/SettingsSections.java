package io.entrepot.config;

import java.util.List;
import java.util.stream.Stream;

/** All settings, grouped by task. docs/settings.md and {@code --help} list them in this order. */
final class SettingsSections {
  /**
   * The settings for one task.
   *
   * @param about what to know about all of them, in Markdown; may be empty
   */
  record Section(String title, String about, List<Setting<?>> settings) {}

  private static final Section UPSTREAM =
      new Section(
          "Name an upstream",
          "Settings under `proxy` belong to the default upstream. For what other upstreams take"
              + " over from it, see [Several upstreams](upstreams.md).",
          List.of(
              UpstreamTable.REMOTEURL,
              UpstreamTable.NAME,
              UpstreamTable.HOSTS,
              UpstreamTable.MIRRORS,
              UpstreamTable.REDIRECTS,
              SettingsTable.UPSTREAMS_NAMES));

  private static final Section TLS =
      new Section(
          "TLS to the upstream",
          "Each upstream has its own: other upstreams do not take over these settings from"
              + " `proxy`.",
          UpstreamTlsTable.ALL);

  private static final Section CREDENTIALS =
      new Section(
          "Credentials",
          "Choose one way to log in; two are an error. [Credentials for the upstream](credentials.md)"
              + " says more about each.",
          UpstreamCredentialsTable.ALL);

  private static final Section TAGS =
      new Section(
          "Freshness of tags",
          "[How fresh a tag is](upstreams.md#how-fresh-a-tag-is) shows how these work together.",
          UpstreamTagsTable.ALL);

  private static final Section FAILURES =
      new Section(
          "Failures and rate limits",
          "[When an upstream fails](upstreams.md#when-an-upstream-fails) says what clients get.",
          List.of(
              UpstreamTable.OFFLINE,
              UpstreamTable.DEADLINE,
              UpstreamTable.CONNECTTIMEOUT,
              UpstreamTable.RESPONSETIMEOUT,
              UpstreamTable.IDLETIMEOUT,
              UpstreamTable.BREAKER_FAILURES,
              UpstreamTable.BREAKER_REST,
              UpstreamTable.BREAKER_MAXREST,
              UpstreamTable.RATELIMIT_REST,
              UpstreamTable.RATELIMIT_MAXREST,
              UpstreamTable.RATELIMIT_SCARCE));

  private static final Section LOAD =
      new Section(
          "Load on the upstream",
          "",
          List.of(
              SettingsTable.PROXY_MAXFILLS,
              UpstreamTable.MAXCONNECTIONS,
              UpstreamTable.MAXREQUESTS,
              UpstreamTable.BANDWIDTH,
              SettingsTable.LIMITS_MAXREQUESTS,
              SettingsTable.LIMITS_BANDWIDTH,
              UpstreamTable.FINISHFROM,
              UpstreamTable.EAGER,
              UpstreamTable.PARALLEL,
              UpstreamTable.SEGMENT));

  private static final Section ADMISSION =
      new Section(
          "Which images may be pulled",
          "Patterns are compared with the names that the upstream has. On Docker Hub `ubuntu` means"
              + " `library/ubuntu`. Other upstreams do not take over `allow` and `deny` from `proxy`.",
          List.of(UpstreamTable.ALLOW, UpstreamTable.DENY, UpstreamTable.MAXBLOBSIZE));

  private static final Section ACCESS =
      new Section(
          "Who may pull",
          "[Who may pull](access.md) says how logins and rules work together.",
          AccessTable.ALL);

  private static final Section FOREIGN_LOGINS =
      new Section(
          "Log in by tokens and certificates of others",
          "[Who may pull](access.md) shows how to set them up. `NAME` is any name of a provider.",
          Stream.concat(OidcTable.ALL.stream(), ForeignLoginTable.ALL.stream())
              .<Setting<?>>map(setting -> setting)
              .toList());

  private static final Section DISK =
      new Section(
          "Disk and expiry",
          "",
          List.of(
              SettingsTable.STORAGE_ROOTDIRECTORY,
              SettingsTable.STORAGE_RESERVE,
              SettingsTable.STORAGE_QUOTA,
              SettingsTable.STORAGE_LOWWATER,
              UpstreamTable.QUOTA,
              UpstreamTable.TTL,
              UpstreamTable.EXPIRE,
              SettingsTable.EXPIRY_PINS,
              SettingsTable.PREFETCH,
              SettingsTable.EXPIRY_MAXPERSECOND,
              SettingsTable.STORAGE_UNLINKGRACE,
              SettingsTable.STORAGE_RESUMABLE,
              SettingsTable.STORAGE_VERIFYAFTER,
              SettingsTable.STORAGE_SCRUBRATE,
              SettingsTable.IMPORT_DIR));

  private static final Section CLIENTS =
      new Section(
          "Clients",
          "",
          List.of(
              SettingsTable.HTTP_MINRATE,
              SettingsTable.HTTP_PATIENCE,
              SettingsTable.HTTP_MAXPERCLIENT,
              SettingsTable.HTTP_DRAINTIMEOUT,
              SettingsTable.HTTP_HSTS));

  private static final Section REVERSE_PROXY =
      new Section(
          "Behind a reverse proxy",
          "[Behind a reverse proxy](operation.md#behind-a-reverse-proxy) says how to set up the"
              + " proxy.",
          List.of(SettingsTable.HTTP_TRUSTEDPROXIES, SettingsTable.HTTP_HOST));

  private static final Section OUTBOUND =
      new Section(
          "Behind a proxy to the internet",
          "An upstream may have an HTTP proxy of its own under `upstreams.NAME.outbound`. Without"
              + " one, it uses this one.",
          List.of(
              UpstreamTable.OUTBOUND_HOST,
              UpstreamTable.OUTBOUND_PORT,
              UpstreamTable.OUTBOUND_USERNAME,
              UpstreamTable.OUTBOUND_PASSWORD,
              UpstreamTable.OUTBOUND_NOPROXY));

  private static final Section EXECUTABLE =
      new Section(
          "The executable WAR",
          "These count only with `java -jar`. Application servers have their own files for this.",
          List.of(
              SettingsTable.HTTP_ADDR,
              SettingsTable.HTTP_ADMINADDR,
              SettingsTable.HTTP_TLS_CERTIFICATE,
              SettingsTable.HTTP_TLS_KEY,
              SettingsTable.LOG_FORMAT,
              SettingsTable.LOG_LEVEL));

  private static final Section DATABASE =
      new Section(
          "PostgreSQL",
          "Without these, and without a `datasource`, Entrepot has a database file of its own.",
          DatabaseTable.ALL);

  private static final Section CLUSTER =
      new Section(
          "Several nodes",
          "[Several nodes](cluster.md) shows how to set them up. One machine needs none of these.",
          ClusterTable.ALL);

  private static final Section BUCKET =
      new Section(
          "An S3 bucket",
          "[A bucket behind the folder](bucket.md) says what a bucket is good for, and what it needs.",
          BucketTable.ALL);

  private static final Section SERVER =
      new Section(
          "Database, threads and ports of the server",
          "A JNDI name that is given must be bound, or the deployment fails.",
          List.of(
              SettingsTable.DATASOURCE, SettingsTable.THREADFACTORY, SettingsTable.HTTP_ADMINPORT));

  private static final Section FILE =
      new Section("The settings file", "", List.of(SettingsTable.CONFIG));

  private static final List<Section> ALL =
      List.of(
          UPSTREAM,
          CREDENTIALS,
          TAGS,
          FAILURES,
          ADMISSION,
          ACCESS,
          FOREIGN_LOGINS,
          DISK,
          CLIENTS,
          REVERSE_PROXY,
          OUTBOUND,
          TLS,
          LOAD,
          EXECUTABLE,
          DATABASE,
          CLUSTER,
          BUCKET,
          SERVER,
          FILE);

  private static final List<Setting<?>> SETTINGS =
      ALL.stream()
          .map(Section::settings)
          .<Setting<?>>flatMap(List::stream)
          .filter(setting -> !OidcTable.isTemplate(setting))
          .toList();

  private SettingsSections() {}

  static List<Section> all() {
    return ALL;
  }

  /** The settings of all sections, in order, without those that stand for others. */
  static List<Setting<?>> settings() {
    return SETTINGS;
  }
}
