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
 * All settings, checked. Immutable; shows no secret.
 *
 * @param proxy the default upstream
 * @param upstreams the others
 * @param maxFills 1 to 1024
 * @param limits for all upstreams together
 * @param database a {@code javax.sql.DataSource}
 * @param threadFactory a {@code java.util.concurrent.ThreadFactory}
 * @param importDirectory the existing storage folder of a docker-registry, absolute
 * @param warnings what was given but has no effect, one line each, for the log
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

  /** The default upstream and the others. */
  public List<Upstream> allUpstreams() {
    return Stream.concat(Stream.of(proxy), upstreams.stream()).toList();
  }

  /**
   * How clients reach this registry.
   *
   * @param address where the executable WAR listens
   * @param host the origin that clients use, without a slash at the end
   * @param trustedProxies whose word on clients is taken
   * @param drainTimeout 0 to 1 hour
   * @param tls with what the executable WAR speaks TLS; without, it speaks plain http
   */
  public record Http(
      Address address,
      Optional<URI> host,
      List<Cidr> trustedProxies,
      Duration drainTimeout,
      Clients clients,
      Optional<ServerTls> tls) {}

  /**
   * What is expected of clients.
   *
   * @param minRate bytes a second; zero for any rate
   * @param patience 1 second to 1 hour
   * @param maxRequests of one address at once; zero for any number
   */
  public record Clients(long minRate, Duration patience, int maxRequests) {}

  /**
   * The files of the server's certificate; they belong together and could be read.
   *
   * @param certificate the chain, PEM, absolute
   * @param key PEM, absolute
   */
  public record ServerTls(Path certificate, Path key) {}

  /**
   * An upstream and how it is used.
   *
   * @param key how its settings begin, such as {@code proxy.}
   * @param url its origin, without a slash at the end
   * @param mirrors origins of others with the same content
   * @param offline whether it is never asked
   * @param tls how to be sure of it and of the mirrors
   * @param access who to come as; nobody where no credentials may be sent
   * @param anonymousFallback whether to come as nobody where that is refused
   * @param rules how its repositories are used
   * @param realms origins, besides the upstream's own, that may get the credentials
   * @param maxConnections at least {@link Settings#maxFills} + 8
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
   * How an upstream is spared when it fails or asks us to slow down.
   *
   * @param failures 1 to 1,000
   * @param rest at most {@code maxRest}
   * @param throttledRest after a 429 that says no time; at most {@code maxThrottledRest}
   * @param scarcePercent 0 to 100
   */
  public record Restraint(
      int failures,
      Duration rest,
      Duration maxRest,
      Duration throttledRest,
      Duration maxThrottledRest,
      int scarcePercent) {}

  /**
   * How much is asked of one upstream, or of all together.
   *
   * @param requests under way at once; zero for any number
   * @param bytesPerSecond zero for any number
   */
  public record Limits(int requests, long bytesPerSecond) {}

  /**
   * How one can be sure of an upstream.
   *
   * @param authorities trusted besides those of the Java runtime
   * @param client who this cache is to the upstream
   * @param insecure whether plain http and certificates that nobody has verified are allowed
   */
  public record UpstreamTls(
      List<X509Certificate> authorities, Optional<TlsIdentity> client, boolean insecure) {}

  /**
   * An HTTP proxy on the way to the upstream.
   *
   * @param noProxy what is reached without it, lower case: host names, {@code .suffix} or {@code *}
   */
  public record Outbound(String host, int port, Optional<Login> login, List<String> noProxy) {}

  /**
   * Where blobs are kept.
   *
   * @param rootDirectory absolute and normal; a folder or nothing yet
   * @param reserveBytes free space to leave, not negative
   * @param resumable whether broken fills may go on
   * @param unlinkGrace 0 to 1 hour
   * @param verifyAfter zero means that stored blobs are never verified again
   * @param scrubRate bytes per second, zero for no scrub
   */
  public record Storage(
      Path rootDirectory,
      long reserveBytes,
      boolean resumable,
      Duration unlinkGrace,
      Duration verifyAfter,
      long scrubRate) {}

  /**
   * How leases end.
   *
   * @param maxPerSecond evictions and renewals together, at least 1
   * @param pins what never expires, at most 100
   */
  public record Expiry(int maxPerSecond, List<Pin> pins) {}

  /**
   * Something of the server's that is used where it is there.
   *
   * @param jndiName the name to look up with {@link JndiLookup#find}
   * @param required whether somebody asked for it by name, so that its absence is an error
   */
  public record Resource(String jndiName, boolean required) {}
}
