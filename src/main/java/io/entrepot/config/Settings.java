package io.entrepot.config;

import io.entrepot.catalog.Pin;
import io.entrepot.routing.Names;
import io.entrepot.routing.Rules;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.wire.WireOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All settings, checked. Immutable; shows no secret.
 *
 * @param upstreams what is pulled from, and how much at once
 * @param resources what may be the server's
 * @param warnings what was given but has no effect, one line each, for the log
 */
public record Settings(
    Http http,
    Upstreams upstreams,
    Storage storage,
    Expiry expiry,
    Resources resources,
    List<String> warnings) {

  /**
   * Reads and checks every setting.
   *
   * @throws ConfigurationException with all problems at once
   */
  public static Settings read(SettingSources sources) {
    return new SettingsReader(sources).read();
  }

  /** The default upstream. */
  public Upstream proxy() {
    return upstreams.proxy();
  }

  /** How many fills run at once, 1 to 1024. */
  public int maxFills() {
    return upstreams.maxFills();
  }

  /**
   * What is pulled from.
   *
   * @param proxy the default upstream
   * @param others the others
   * @param maxFills how many fills run at once, 1 to 1024
   * @param limits of calls to all upstreams together
   */
  public record Upstreams(Upstream proxy, List<Upstream> others, int maxFills, Limits limits) {
    /** The default upstream and the others. */
    public List<Upstream> all() {
      return Stream.concat(Stream.of(proxy), others.stream()).toList();
    }
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
   * @param key the prefix of its settings, such as {@code proxy.}
   * @param names how clients name it
   * @param servers where it is, and how to connect to it
   * @param login how to authenticate there
   * @param rules how its repositories are used
   * @param restraint the limits that protect it from us, without those of calls
   * @param limits the limits of calls
   */
  public record Upstream(
      String key,
      Names names,
      Servers servers,
      UpstreamLogin login,
      Rules rules,
      Restraint restraint,
      Limits limits) {
    /** The origin of its own registry, without a slash at the end. */
    public URI url() {
      return servers.wire().uri();
    }

    /** How to connect to its own registry. */
    public WireOptions wire() {
      return servers.wire();
    }
  }

  /**
   * Where an upstream is.
   *
   * @param wire how to connect to its own registry; its connections are at least {@link
   *     Settings#maxFills} + 8
   * @param mirrors origins of others with the same content
   * @param offline whether nothing may be asked of it
   */
  public record Servers(WireOptions wire, List<URI> mirrors, boolean offline) {}

  /**
   * How to authenticate at an upstream.
   *
   * @param access which credentials to use; none where none may be sent
   * @param anonymousFallback whether to go on anonymously where they are refused
   * @param realms token services, besides those on its own origin, that may get the credentials
   */
  public record UpstreamLogin(
      Access access, boolean anonymousFallback, List<TrustedRealm> realms) {}

  /**
   * How much is asked of one upstream, or of all together.
   *
   * @param requests under way at once; zero for any number
   * @param bytesPerSecond zero for any number
   */
  public record Limits(int requests, long bytesPerSecond) {}

  /**
   * Where blobs are kept.
   *
   * @param rootDirectory absolute and normal; a folder or nothing yet
   * @param reserveBytes free space to leave, not negative
   * @param resumable whether broken fills may go on
   * @param unlinkGrace 0 to 1 hour
   * @param verifyAfter zero means that stored blobs are never verified again
   * @param scrubRate bytes per second, zero for no scrub
   * @param importDirectory the existing storage folder of a docker-registry, absolute
   */
  public record Storage(
      Path rootDirectory,
      long reserveBytes,
      boolean resumable,
      Duration unlinkGrace,
      Duration verifyAfter,
      long scrubRate,
      Optional<Path> importDirectory) {}

  /**
   * How leases end.
   *
   * @param maxPerSecond evictions and renewals together, at least 1
   * @param pins what never expires, at most 100
   */
  public record Expiry(int maxPerSecond, List<Pin> pins) {}

  /**
   * What may be the server's.
   *
   * @param database a {@code javax.sql.DataSource}
   * @param threadFactory a {@code java.util.concurrent.ThreadFactory}
   */
  public record Resources(Resource database, Resource threadFactory) {}

  /**
   * Something of the server's that is used where it is there.
   *
   * @param jndiName the name to look up with {@link JndiLookup#find}
   * @param required whether somebody asked for it by name, so that its absence is an error
   */
  public record Resource(String jndiName, boolean required) {}
}
