package io.entrepot.config;

import io.entrepot.oci.NamePattern;
import io.entrepot.routing.BlobRules;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.upstream.DockerHub;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The settings of an upstream. The keys of the default upstream begin with {@code proxy}, those of
 * other upstreams with their name, see {@link UpstreamKeys}.
 */
final class UpstreamTable {
  static final Setting<URI> REMOTEURL =
      new Setting<>(
          "proxy.remoteurl",
          Syntax.registry(),
          DockerHub.URL.toString(),
          "The upstream registry. With a path, such as `https://harbor.example/proxy-cache`, it is"
              + " only the repositories below that path. Plain http is for a registry on this machine; elsewhere it needs"
              + " `proxy.insecure`.");
  static final Setting<String> NAME =
      new Setting<>(
          "proxy.name",
          Syntax.upstreamName(),
          "",
          "The name by which clients choose this upstream, in paths and as `ns=`. Without it, the"
              + " host of its URL, with the path if there is one, as in `harbor.example-proxy-cache`;"
              + " for Docker Hub `docker.io`.");
  static final Setting<List<String>> HOSTS =
      new Setting<>(
          "proxy.hosts",
          Syntax.hosts(),
          "",
          "Host names of this cache. A client that connects to one of them gets content of this upstream.");
  static final Setting<List<URI>> MIRRORS =
      new Setting<>(
          "proxy.mirrors",
          Syntax.registries(),
          "",
          "Registries with the same content. They are asked in this order while the upstream"
              + " fails.");
  static final Setting<List<String>> REDIRECTS =
      new Setting<>(
          "proxy.redirects",
          Syntax.insidePlaces(),
          "",
          "Places inside your network to which the upstream may redirect and where its token service"
              + " may be, such as `minio.example, .storage.example, 10.1.0.0/16`. Without it, these"
              + " may have public addresses, and private or loopback ones only if the upstream has"
              + " such an address too. Link-local addresses are never asked.");
  static final Setting<Boolean> OFFLINE =
      new Setting<>(
          "proxy.offline",
          Syntax.bool(),
          "false",
          "Whether the upstream is never asked. Clients then get only what is cached, and"
              + " `/api/missing` lists what they requested and did not get.");

  static final Setting<Duration> DEADLINE =
      new Setting<>(
          "proxy.deadline",
          Syntax.duration("1ms", "1h"),
          "5s",
          "How long a client waits for the upstream to answer about something that is cached."
              + " Then it gets the cached, perhaps stale, copy.");
  static final Setting<Duration> CONNECTTIMEOUT =
      new Setting<>(
          "proxy.connecttimeout",
          Syntax.duration("1ms", "1h"),
          "5s",
          "How long connecting to the upstream may take.");
  static final Setting<Duration> RESPONSETIMEOUT =
      new Setting<>(
          "proxy.responsetimeout",
          Syntax.duration("1ms", "1h"),
          "30s",
          "How long the upstream may take until its answer begins.");
  static final Setting<Duration> IDLETIMEOUT =
      new Setting<>(
          "proxy.idletimeout",
          Syntax.duration("1ms", "1h"),
          "30s",
          "How long the upstream may send nothing in the middle of an answer.");
  static final Setting<Integer> BREAKER_FAILURES =
      new Setting<>(
          "proxy.breaker.failures",
          Syntax.integer(1, 1000),
          "5",
          "After this many failures in a row the upstream is not asked for a while. Cached content"
              + " is served at once in that time.");
  static final Setting<Duration> BREAKER_REST =
      new Setting<>(
          "proxy.breaker.rest",
          Syntax.duration("100ms", "1h"),
          "500ms",
          "After how long the cache then looks by a request of its own whether the upstream answers"
              + " again. It does so only while clients ask. If that fails, the next pause is twice"
              + " as long.");
  static final Setting<Duration> BREAKER_MAXREST =
      new Setting<>(
          "proxy.breaker.maxrest",
          Syntax.duration("100ms", "1d"),
          "1s",
          "The longest pause between two such requests.");
  static final Setting<Duration> RATELIMIT_REST =
      new Setting<>(
          "proxy.ratelimit.rest",
          Syntax.duration("1s", "1h"),
          "30s",
          "How long the upstream is not asked after a 429 (too many requests) that has no"
              + " `Retry-After`.");
  static final Setting<Duration> RATELIMIT_MAXREST =
      new Setting<>(
          "proxy.ratelimit.maxrest",
          Syntax.duration("1s", "1d"),
          "10m",
          "The longest pause after a 429, even if `Retry-After` says more.");
  static final Setting<Integer> RATELIMIT_SCARCE =
      new Setting<>(
          "proxy.ratelimit.scarce",
          Syntax.integer(0, 100),
          "10",
          "If the upstream says that less than this percentage of its request limit is left, cached"
              + " tags are served without asking it. The rest of the limit is kept for content that"
              + " is not cached. `0` switches this off.");

  static final Setting<Integer> MAXCONNECTIONS =
      new Setting<>(
          "proxy.maxconnections",
          Syntax.integer(9, 10_000),
          "64",
          "How many connections to the upstream may be open. At least `proxy.maxfills` + 8.");
  static final Setting<Integer> MAXREQUESTS =
      new Setting<>(
          "proxy.maxrequests",
          Syntax.integer(0, 10_000),
          "0",
          "How many requests to the upstream may run at once. `0` is as many as there are"
              + " connections. Make it larger than `proxy.maxfills`, or pulls of tags wait while"
              + " blobs use all of them.");
  static final Setting<Long> BANDWIDTH =
      new Setting<>(
          "proxy.bandwidth",
          Syntax.size(),
          "0",
          "How many bytes a second are fetched from the upstream. `0` is no limit.");
  static final Setting<Integer> FINISHFROM =
      new Setting<>(
          "proxy.finishfrom",
          Syntax.integer(0, 100),
          "0",
          "If all clients of a blob have left, it is still fetched to its end when at least this"
              + " percentage of it has arrived. `0` always fetches the whole blob. In any case it waits while"
              + " other blobs need its connection.");

  static final Setting<BlobRules.Eager> EAGER =
      new Setting<>(
          "proxy.eager",
          Syntax.choice(List.of(BlobRules.Eager.values())),
          "config",
          "What is fetched as soon as a client pulls the manifest of an image, before the client"
              + " asks for it: the configuration, or with `layers` also the layers. It waits while"
              + " clients need the connections. With `proxy.finishfrom`, no layers are fetched so.");

  static final Setting<Integer> PARALLEL =
      new Setting<>(
          "proxy.parallel",
          Syntax.integer(1, 16),
          "4",
          "How many connections fetch one large blob at once, at most. Another one is added only"
              + " while each brings more, while no other blob waits for a connection, and where the"
              + " upstream sends parts of blobs. `1` is one after another.");
  static final Setting<Long> SEGMENT =
      new Setting<>(
          "proxy.segment",
          Syntax.size("1MiB", "1GiB"),
          "16MiB",
          "How many bytes of a large blob are asked for at a time, from an upstream that sends"
              + " parts.");

  static final Setting<List<NamePattern>> ALLOW =
      new Setting<>(
          "proxy.allow",
          Syntax.repositoryGlobs(),
          "",
          "The repositories of the upstream that may be pulled, such as `library/*, acme/app`."
              + " Without it, all may be pulled.");
  static final Setting<List<NamePattern>> DENY =
      new Setting<>(
          "proxy.deny",
          Syntax.repositoryGlobs(),
          "",
          "The repositories of the upstream that may not be pulled, even if `proxy.allow` has"
              + " them.");
  static final Setting<Long> MAXBLOBSIZE =
      new Setting<>(
          "proxy.maxblobsize",
          Syntax.size(),
          "0",
          "The size of the largest blob that may be fetched. `0` is no limit.");

  static final Setting<Duration> TTL =
      new Setting<>(
          "proxy.ttl",
          Syntax.duration(),
          "168h",
          "How long content stays in the cache. `proxy.expire` says from when that counts. `0`"
              + " keeps it for ever.");
  static final Setting<ExpiryPolicy.Basis> EXPIRE =
      new Setting<>(
          "proxy.expire",
          Syntax.choice(List.of(ExpiryPolicy.Basis.values())),
          "after-use",
          "Whether `proxy.ttl` counts from the last use or from the fetch.");

  static final Setting<Long> QUOTA =
      new Setting<>(
          "proxy.quota",
          Syntax.size(),
          "0",
          "How many bytes the content of this upstream may take; `0` is no limit but"
              + " `storage.quota`. Room is made by its own images, as for `storage.quota`. What"
              + " several upstreams have counts for each of them.");

  static final Setting<String> OUTBOUND_HOST =
      new Setting<>(
          "outbound.host",
          Syntax.host(),
          "",
          "The host of an HTTP proxy through which upstreams are reached.");
  static final Setting<Integer> OUTBOUND_PORT =
      new Setting<>("outbound.port", Syntax.integer(1, 65_535), "", "The port of the HTTP proxy.");
  static final Setting<String> OUTBOUND_USERNAME =
      new Setting<>(
          "outbound.username",
          Syntax.username(),
          "",
          "The user name for the HTTP proxy. It needs `outbound.password` beside it.");
  static final Setting<Secret> OUTBOUND_PASSWORD =
      new Setting<>("outbound.password", Syntax.secret(), "", "The password for the HTTP proxy.");
  static final Setting<List<String>> OUTBOUND_NOPROXY =
      new Setting<>(
          "outbound.noproxy",
          Syntax.hostPatterns(),
          "",
          "Hosts that are reached without the HTTP proxy, such as `localhost, .example.org`.");

  private static final List<Setting<?>> OWN =
      List.of(
          REMOTEURL,
          NAME,
          HOSTS,
          MIRRORS,
          REDIRECTS,
          OFFLINE,
          DEADLINE,
          CONNECTTIMEOUT,
          RESPONSETIMEOUT,
          IDLETIMEOUT,
          BREAKER_FAILURES,
          BREAKER_REST,
          BREAKER_MAXREST,
          RATELIMIT_REST,
          RATELIMIT_MAXREST,
          RATELIMIT_SCARCE,
          MAXCONNECTIONS,
          MAXREQUESTS,
          BANDWIDTH,
          FINISHFROM,
          EAGER,
          PARALLEL,
          SEGMENT,
          ALLOW,
          DENY,
          MAXBLOBSIZE,
          TTL,
          EXPIRE,
          QUOTA,
          OUTBOUND_HOST,
          OUTBOUND_PORT,
          OUTBOUND_USERNAME,
          OUTBOUND_PASSWORD,
          OUTBOUND_NOPROXY);

  private static final List<Setting<?>> ALL =
      Stream.of(OWN, UpstreamTlsTable.ALL, UpstreamCredentialsTable.ALL, UpstreamTagsTable.ALL)
          .<Setting<?>>flatMap(List::stream)
          .toList();

  private UpstreamTable() {}

  /** All settings of an upstream, including those of the other tables. */
  static List<Setting<?>> all() {
    return ALL;
  }
}
