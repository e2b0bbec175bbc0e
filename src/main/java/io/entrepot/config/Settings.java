package io.entrepot.config;

import io.entrepot.cache.prefetch.PrefetchPlan;
import io.entrepot.catalog.Pin;
import io.entrepot.oci.Cidr;
import io.entrepot.routing.Names;
import io.entrepot.routing.Rules;
import io.entrepot.spool.Spool;
import io.entrepot.store.s3.BucketPlace;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.wire.WireOptions;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All settings, checked. Immutable. The text form contains no secret.
 *
 * @param http the settings for clients
 * @param upstreams the upstreams, and the limits for all of them together
 * @param storage the settings of the storage folder
 * @param expiry the settings of leases
 * @param resources the resources of the server that are used if they are bound
 * @param protection who may pull and do more; empty if everybody may
 * @param remarks what people are told about the settings
 */
public record Settings(
    Http http,
    Upstreams upstreams,
    Storage storage,
    Expiry expiry,
    Resources resources,
    Optional<Protection> protection,
    Remarks remarks) {

  /**
   * Reads and checks every setting.
   *
   * @throws ConfigurationException with all problems at once
   */
  public static Settings read(SettingSources sources) {
    return new SettingsReader(sources).read();
  }

  /** The warnings for the log, one line each. */
  public List<String> warnings() {
    return remarks.warnings();
  }

  /**
   * What people are told about the settings.
   *
   * @param warnings the warnings for the log, one line each
   * @param chosen each setting with its value and its source
   */
  public record Remarks(List<String> warnings, List<ChosenSetting> chosen) {}

  /** The default upstream. */
  public Upstream proxy() {
    return upstreams.proxy();
  }

  /** How this cache is a node of a cluster; empty if it is alone. */
  public Optional<Cluster> cluster() {
    return resources.cluster();
  }

  /** How many fills run at once, 1 to 1024. */
  public int maxFills() {
    return upstreams.maxFills();
  }

  /**
   * The upstreams, and the limits for all of them together.
   *
   * @param proxy the default upstream
   * @param others all other upstreams
   * @param maxFills how many fills run at once, 1 to 1024
   * @param limits the limits for all upstreams together
   * @param prefetches what is fetched at certain times, at most 100
   */
  public record Upstreams(
      Upstream proxy,
      List<Upstream> others,
      int maxFills,
      Limits limits,
      List<PrefetchPlan> prefetches) {
    /** All upstreams, the default one first. */
    public List<Upstream> all() {
      return Stream.concat(Stream.of(proxy), others.stream()).toList();
    }
  }

  /**
   * The settings for clients and their connections.
   *
   * @param listening where this cache listens
   * @param host the URL of this cache for clients, without a slash at the end
   * @param trustedProxies the reverse proxies whose forwarding headers are used
   * @param drainTimeout how long a stop waits for unfinished requests, 0 to 1 hour
   * @param clients the limits for clients
   * @param tls the certificate files of the executable WAR; empty for plain http
   * @param hsts for how long browsers shall use TLS only; zero to say nothing of it
   */
  public record Http(
      Listening listening,
      Optional<URI> host,
      List<Cidr> trustedProxies,
      Duration drainTimeout,
      Clients clients,
      Optional<ServerTls> tls,
      Duration hsts) {
    /** The address on which the executable WAR listens. */
    public Address address() {
      return listening.address();
    }

    /** Where the administrative API is alone; empty if it is where the registry API is. */
    public Optional<Admin> admin() {
      return listening.admin();
    }
  }

  /**
   * Where this cache listens.
   *
   * @param address the address on which the executable WAR listens
   * @param admin where the administrative API is alone; empty if it is where the registry API is
   */
  public record Listening(Address address, Optional<Admin> admin) {}

  /**
   * Where the administrative API is, and nothing else.
   *
   * @param address the address on which the executable WAR listens for it; empty for other servers
   * @param port 1 to 65535
   */
  public record Admin(Optional<Address> address, int port) {}

  /**
   * The limits for clients.
   *
   * @param minRate the slowest allowed rate in bytes a second; zero for no limit
   * @param patience how long a client may be slower, 1 second to 1 hour
   * @param maxRequests how many requests one address may have at once, zero for no limit; empty if
   *     the server and its heap decide
   */
  public record Clients(long minRate, Duration patience, Optional<Integer> maxRequests) {}

  /**
   * The certificate files of the server. They were readable, and the key belongs to the
   * certificate.
   *
   * @param certificate the absolute path of the PEM file with the chain
   * @param key the absolute path of the PEM file with the key
   */
  public record ServerTls(Path certificate, Path key) {}

  /**
   * The settings of an upstream.
   *
   * @param key the prefix of its settings, such as {@code proxy.}
   * @param names the names by which clients select it
   * @param servers the URLs of its registries, and how to connect to them
   * @param login how to log in
   * @param rules the rules for its repositories
   * @param restraint when requests to it pause
   * @param limits the limits of requests and bytes
   */
  public record Upstream(
      String key,
      Names names,
      Servers servers,
      UpstreamLogin login,
      Rules rules,
      Restraint restraint,
      Limits limits) {
    /** The URL of its own registry, perhaps with a path that begins each repository name. */
    public URI url() {
      return servers.wire().uri();
    }

    /** How to connect to its own registry. */
    public WireOptions wire() {
      return servers.wire();
    }
  }

  /**
   * The registries of an upstream.
   *
   * @param wire how to connect to its own registry; it has at least {@link Settings#maxFills} + 8
   *     connections
   * @param mirrors the URLs of registries with the same content
   * @param offline whether no request is ever sent
   */
  public record Servers(WireOptions wire, List<URI> mirrors, boolean offline) {}

  /**
   * How to log in to an upstream.
   *
   * @param access the credentials to use; anonymous if none may be sent
   * @param anonymousFallback whether to send requests without credentials after the credentials
   *     were refused
   * @param realms the token services that may get the credentials, besides those on its own origin
   */
  public record UpstreamLogin(
      Access access, boolean anonymousFallback, List<TrustedRealm> realms) {}

  /**
   * The limits for one upstream, or for all together.
   *
   * @param requests how many requests may run at once; zero for no limit
   * @param bytesPerSecond how many bytes a second are fetched; zero for no limit
   */
  public record Limits(int requests, long bytesPerSecond) {}

  /**
   * The settings of the storage folder.
   *
   * @param rootDirectory the absolute, normalised path; it is a folder, or does not exist yet
   * @param space how much space fills may use
   * @param resumable whether interrupted fills are continued
   * @param unlinkGrace how long the file of an evicted blob stays, 0 to 1 hour
   * @param verifyAfter after how long a stored blob is verified again; zero for never
   * @param scrubRate the rate of the scrub in bytes per second; zero for no scrub
   * @param importDirectory the absolute path of the existing storage folder of a docker-registry to
   *     take over
   */
  public record Storage(
      Path rootDirectory,
      Spool.Limits space,
      boolean resumable,
      Duration unlinkGrace,
      Duration verifyAfter,
      long scrubRate,
      Optional<Path> importDirectory) {}

  /**
   * The settings of leases.
   *
   * @param maxPerSecond how many evictions and renewals a second, at least 1
   * @param pins the tags that never expire, at most 100
   * @param syntax reads more pins while this runs
   */
  public record Expiry(int maxPerSecond, List<Pin> pins, PinSyntax syntax) {}

  /**
   * The resources of the server that are used if they are bound in JNDI, and its log.
   *
   * @param database a {@code javax.sql.DataSource}
   * @param databaseServer the PostgreSQL that this cache connects to by itself, in its place
   * @param cluster how this cache is a node of a cluster; empty if it is alone
   * @param bucket where blobs are kept besides the storage folder
   * @param threadFactory a {@code java.util.concurrent.ThreadFactory}
   * @param log the log of {@code java -jar}; other servers have their own settings for it
   */
  public record Resources(
      Resource database,
      Optional<DatabaseServer> databaseServer,
      Optional<Cluster> cluster,
      Optional<BucketPlace> bucket,
      Resource threadFactory,
      Log log) {}

  /**
   * How this cache is a node of a cluster.
   *
   * @param address the URL by which the other nodes reach it
   * @param secret what all nodes know, at least 32 characters
   * @param node its name
   * @param authorities trusted for the other nodes, besides those of the Java runtime
   * @param outage how long memory counts while the database cannot be reached
   */
  public record Cluster(
      URI address, Secret secret, String node, List<X509Certificate> authorities, Duration outage) {
    /** The port at which other nodes reach it. */
    public int port() {
      int usual = address.getScheme().equals("https") ? 443 : 80;
      return address.getPort() < 0 ? usual : address.getPort();
    }
  }

  /**
   * A PostgreSQL that this cache connects to by itself.
   *
   * @param url a JDBC URL without user and password
   * @param username empty for the user of this process
   * @param password empty for none
   */
  public record DatabaseServer(String url, String username, Secret password) {}

  /** How {@code java -jar} writes its log. */
  public record Log(Format format, Level level) {
    /** What a line is: words for people, or a JSON object. */
    public enum Format {
      TEXT,
      JSON
    }

    /** The least level that is written. */
    public enum Level {
      DEBUG,
      INFO,
      WARN,
      ERROR
    }
  }

  /**
   * A resource of the server that is used if it is bound in JNDI.
   *
   * @param jndiName the name to look up with {@link JndiLookup#find}
   * @param required whether the user has set the name; then it is an error if it is not bound
   */
  public record Resource(String jndiName, boolean required) {}
}
