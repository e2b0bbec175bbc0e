package io.entrepot.config;

import io.entrepot.catalog.Pin;
import io.entrepot.routing.Names;
import io.entrepot.routing.Rules;
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
 * @param proxy the default upstream
 * @param upstreams all other upstreams
 * @param maxFills how many fills run at once, 1 to 1024
 * @param limits the limits for all upstreams together
 * @param storage the settings of the storage folder
 * @param expiry the settings of leases
 * @param importDirectory the absolute path of the existing storage folder of a docker-registry to
 *     take over
 * @param database the JNDI name of a {@code javax.sql.DataSource}
 * @param threadFactory the JNDI name of a {@code java.util.concurrent.ThreadFactory}
 * @param warnings the warnings for the log, one line each
 */
public record Settings(
    Http http,
    Upstream proxy,
    List<Upstream> upstreams,
    int maxFills,
    Limits limits,
    Storage storage,
    Expiry expiry,
    Optional<Path> importDirectory,
    Resource database,
    Resource threadFactory,
    List<String> warnings) {

  /**
   * Reads and checks every setting.
   *
   * @throws ConfigurationException with all problems at once
   */
  public static Settings read(SettingSources sources) {
    return new SettingsReader(sources).read();
  }

  /** All upstreams, the default one first. */
  public List<Upstream> allUpstreams() {
    return Stream.concat(Stream.of(proxy), upstreams.stream()).toList();
  }

  /**
   * The settings for clients and their connections.
   *
   * @param address the address on which the executable WAR listens
   * @param host the URL of this cache for clients, without a slash at the end
   * @param trustedProxies the reverse proxies whose forwarding headers are used
   * @param drainTimeout how long a stop waits for unfinished requests, 0 to 1 hour
   * @param clients the limits for clients
   * @param tls the certificate files of the executable WAR; empty for plain http
   */
  public record Http(
      Address address,
      Optional<URI> host,
      List<Cidr> trustedProxies,
      Duration drainTimeout,
      Clients clients,
      Optional<ServerTls> tls) {}

  /**
   * The limits for clients.
   *
   * @param minRate the slowest allowed rate in bytes a second; zero for no limit
   * @param patience how long a client may be slower, 1 second to 1 hour
   * @param maxRequests how many requests one address may have at once; zero for no limit
   */
  public record Clients(long minRate, Duration patience, int maxRequests) {}

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
   * @param url its URL, without a path
   * @param mirrors the URLs of registries with the same content
   * @param offline whether no request is ever sent to it
   * @param tls the TLS settings for it and its mirrors
   * @param access the way to log in; anonymous if credentials must not be sent
   * @param anonymousFallback whether to send requests without credentials after the credentials
   *     were refused
   * @param rules the rules for its repositories
   * @param realms URLs of token servers that may get the credentials, besides the upstream itself
   * @param connectTimeout how long connecting may take
   * @param responseTimeout how long a response may take to begin
   * @param idleTimeout how long a response may be silent
   * @param maxConnections the number of connections, at least {@link Settings#maxFills} + 8
   * @param restraint when requests to it pause
   * @param limits its limits of requests and bytes
   * @param outbound the HTTP proxy to use, if any
   */
  public record Upstream(
      String key,
      Names names,
      URI url,
      List<URI> mirrors,
      boolean offline,
      UpstreamTls tls,
      Access access,
      boolean anonymousFallback,
      Rules rules,
      List<URI> realms,
      Duration connectTimeout,
      Duration responseTimeout,
      Duration idleTimeout,
      int maxConnections,
      Restraint restraint,
      Limits limits,
      Optional<Outbound> outbound) {}

  /**
   * When requests to an upstream pause because it fails or asks us to slow down.
   *
   * @param failures after so many failures in a row, 1 to 1,000
   * @param rest the first pause after failures, at most {@code maxRest}
   * @param maxRest the longest pause after failures
   * @param throttledRest the pause after a 429 without {@code Retry-After}, at most {@code
   *     maxThrottledRest}
   * @param maxThrottledRest the longest pause after a 429
   * @param scarcePercent below this percentage of the upstream's limit, cached tags are served
   *     without a request, 0 to 100
   */
  public record Restraint(
      int failures,
      Duration rest,
      Duration maxRest,
      Duration throttledRest,
      Duration maxThrottledRest,
      int scarcePercent) {}

  /**
   * The limits for one upstream, or for all together.
   *
   * @param requests how many requests may run at once; zero for no limit
   * @param bytesPerSecond how many bytes a second are fetched; zero for no limit
   */
  public record Limits(int requests, long bytesPerSecond) {}

  /**
   * The TLS settings for an upstream.
   *
   * @param authorities certificate authorities that are trusted besides those of the Java runtime
   * @param client the client certificate
   * @param insecure whether plain http and unverified certificates are allowed
   */
  public record UpstreamTls(
      List<X509Certificate> authorities, Optional<TlsIdentity> client, boolean insecure) {}

  /**
   * An HTTP proxy for requests to upstreams.
   *
   * @param host the host of the proxy
   * @param port the port of the proxy
   * @param login the credentials for the proxy
   * @param noProxy hosts that are reached without the proxy, lower case: host names, {@code
   *     .suffix} or {@code *}
   */
  public record Outbound(String host, int port, Optional<Login> login, List<String> noProxy) {}

  /**
   * The settings of the storage folder.
   *
   * @param rootDirectory the absolute, normalised path; it is a folder, or does not exist yet
   * @param reserveBytes how many bytes of the disk stay free, not negative
   * @param resumable whether interrupted fills are continued
   * @param unlinkGrace how long the file of an evicted blob stays, 0 to 1 hour
   * @param verifyAfter after how long a stored blob is verified again; zero for never
   * @param scrubRate the rate of the scrub in bytes per second; zero for no scrub
   */
  public record Storage(
      Path rootDirectory,
      long reserveBytes,
      boolean resumable,
      Duration unlinkGrace,
      Duration verifyAfter,
      long scrubRate) {}

  /**
   * The settings of leases.
   *
   * @param maxPerSecond how many evictions and renewals a second, at least 1
   * @param pins the tags that never expire, at most 100
   */
  public record Expiry(int maxPerSecond, List<Pin> pins) {}

  /**
   * A resource of the server that is used if it is bound in JNDI.
   *
   * @param jndiName the name to look up with {@link JndiLookup#find}
   * @param required whether the user has set the name; then it is an error if it is not bound
   */
  public record Resource(String jndiName, boolean required) {}
}
