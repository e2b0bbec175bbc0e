package io.entrepot.config;

import io.entrepot.oci.NamePattern;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Admission;
import io.entrepot.routing.BlobRules;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.Names;
import io.entrepot.routing.Rules;
import io.entrepot.upstream.DockerHub;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.wire.OutboundProxy;
import io.entrepot.upstream.wire.RedirectTargets;
import io.entrepot.upstream.wire.Timeouts;
import io.entrepot.upstream.wire.UpstreamTls;
import io.entrepot.upstream.wire.WireOptions;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads the settings of one upstream. */
final class UpstreamReader {

  /** How many connections are needed for manifests, tags and tokens, besides one for each fill. */
  private static final int CONNECTIONS_BESIDE_FILLS = 8;

  private final SettingSources sources;
  private final Values values;
  private final Values defaults;
  private final UpstreamKeys keys;
  private final Findings findings;

  /**
   * Makes a reader for one upstream.
   *
   * @param defaults the values of the default upstream
   * @param keys the keys of the upstream to read
   */
  UpstreamReader(SettingSources sources, Values defaults, UpstreamKeys keys, Findings findings) {
    this.sources = sources;
    this.defaults = defaults;
    this.values = defaults.of(keys);
    this.keys = keys;
    this.findings = findings;
  }

  /**
   * Reads the settings.
   *
   * @param maxFills how many fills run at once
   * @param inherited the HTTP proxy to use if this upstream has no own one
   */
  Settings.Upstream read(int maxFills, Optional<OutboundProxy> inherited) {
    URI url = url();
    List<URI> mirrors = values.given(UpstreamTable.MIRRORS).orElse(List.of());
    Names names = names(url);
    UpstreamTls tls = new TlsReader(values, findings).upstream(url, mirrors);
    checkConnections(maxFills);
    warnOfNarrowCap(values, UpstreamTable.MAXREQUESTS, maxFills, findings);
    WireOptions wire =
        new WireOptions(
            url,
            timeouts(),
            values.value(UpstreamTable.MAXCONNECTIONS),
            outbound().or(() -> inherited).orElse(null),
            "entrepot",
            tls,
            RedirectTargets.of(values.value(UpstreamTable.REDIRECTS)));
    return new Settings.Upstream(
        keys.prefix(),
        names,
        new Settings.Servers(wire, mirrors, values.value(UpstreamTable.OFFLINE)),
        login(wire, mirrors),
        rules(names),
        restraint(),
        new Settings.Limits(
            values.value(UpstreamTable.MAXREQUESTS), values.value(UpstreamTable.BANDWIDTH)));
  }

  private Settings.UpstreamLogin login(WireOptions wire, List<URI> mirrors) {
    Access access = new AccessReader(sources, values, findings).read();
    List<URI> realms =
        values
            .given(UpstreamCredentialsTable.REALMS)
            .orElseGet(() -> isHub(wire.uri()) ? List.of(DockerHub.REALM) : List.of());
    return new Settings.UpstreamLogin(
        wire.tls().unverified() ? withoutSecrets(access, wire.uri(), mirrors) : access,
        values.value(UpstreamCredentialsTable.ANONYMOUSFALLBACK),
        realms.stream().map(URI::toString).map(TrustedRealm::parse).toList());
  }

  private Timeouts timeouts() {
    Duration connect = values.value(UpstreamTable.CONNECTTIMEOUT);
    Duration response = values.value(UpstreamTable.RESPONSETIMEOUT);
    // A call may need three requests: for the challenge, for the token, and for the answer.
    Duration total = connect.plus(response).multipliedBy(3);
    return new Timeouts(
        connect, response, values.value(UpstreamTable.IDLETIMEOUT), response, total);
  }

  private List<NamePattern> patterns(Setting<List<NamePattern>> setting, Names names) {
    warnOfOwnName(setting, names.name());
    return values.each(setting, given -> CanonicalPatterns.of(given, names));
  }

  /** A name that does not look like a host can also begin the name of a repository. */
  private void warnOfOwnName(Setting<List<NamePattern>> setting, String name) {
    values.given(setting).orElse(List.of()).stream()
        .map(NamePattern::pattern)
        .filter(pattern -> pattern.startsWith(name + "/") && !Names.looksLikeHost(name))
        .findFirst()
        .ifPresent(
            pattern ->
                findings.warning(
                    "%s: %s means repositories that have %s/ in their names at the upstream; for all"
                            .formatted(values.key(setting), pattern, name)
                        + " others leave it out"));
  }

  private Rules rules(Names names) {
    return new Rules(
        new Admission(patterns(UpstreamTable.ALLOW, names), patterns(UpstreamTable.DENY, names)),
        freshness(),
        new BlobRules(
            values.value(UpstreamTable.MAXBLOBSIZE),
            values.value(UpstreamTable.FINISHFROM),
            values.value(UpstreamTable.EAGER),
            new BlobRules.Parts(
                values.value(UpstreamTable.PARALLEL), values.value(UpstreamTable.SEGMENT))),
        new ExpiryPolicy(values.value(UpstreamTable.TTL), values.value(UpstreamTable.EXPIRE)),
        values.value(UpstreamTable.QUOTA),
        values.value(UpstreamTable.DEADLINE));
  }

  private Freshness freshness() {
    return new Freshness(
        values.value(UpstreamTagsTable.REVALIDATE),
        values
            .given(UpstreamTagsTable.TAGS)
            .or(() -> defaults.given(UpstreamTagsTable.TAGS))
            .orElse(List.of()),
        values.value(UpstreamTagsTable.MAXAGE),
        values.value(UpstreamTagsTable.STALEWINDOW),
        values.value(UpstreamTagsTable.NEGATIVE),
        values.value(UpstreamTagsTable.KEEPDELETED),
        values.value(UpstreamTagsTable.COOLING));
  }

  /**
   * Reads when requests pause. If a first pause is longer than the longest one, reports it and uses
   * the defaults.
   */
  private Restraint restraint() {
    boolean breaker = isRising(UpstreamTable.BREAKER_REST, UpstreamTable.BREAKER_MAXREST);
    boolean throttle = isRising(UpstreamTable.RATELIMIT_REST, UpstreamTable.RATELIMIT_MAXREST);
    if (!breaker || !throttle) {
      return Restraint.DEFAULT;
    }
    return new Restraint(
        values.value(UpstreamTable.BREAKER_FAILURES),
        values.value(UpstreamTable.BREAKER_REST),
        longest(UpstreamTable.BREAKER_REST, UpstreamTable.BREAKER_MAXREST),
        values.value(UpstreamTable.RATELIMIT_REST),
        longest(UpstreamTable.RATELIMIT_REST, UpstreamTable.RATELIMIT_MAXREST),
        values.value(UpstreamTable.RATELIMIT_SCARCE),
        List.of());
  }

  private boolean isRising(Setting<Duration> first, Setting<Duration> most) {
    boolean rising = values.value(first).compareTo(longest(first, most)) <= 0;
    if (!rising) {
      values.bad(most, "at least as long as " + values.key(first) + ", by " + values.source(first));
    }
    return rising;
  }

  /** The longest pause. One that is not set here is at least as long as the first. */
  private Duration longest(Setting<Duration> first, Setting<Duration> most) {
    Duration pause = values.value(first);
    Duration longest = values.value(most);
    return values.isGiven(most) || longest.compareTo(pause) > 0 ? longest : pause;
  }

  static boolean isHub(URI url) {
    return DockerHub.HOSTS.contains(url.getHost());
  }

  /**
   * The URL of the upstream. If its name is a host name, the URL follows from the name. Docker
   * Hub's registry has another host than docker.io.
   */
  private URI url() {
    String name = keys.name();
    if (name == null) {
      return values.value(UpstreamTable.REMOTEURL);
    }
    URI byName = URI.create("https://" + name);
    boolean isHost = byName.getHost() != null;
    if (!values.isGiven(UpstreamTable.REMOTEURL) && (name.indexOf('.') < 0 || !isHost)) {
      findings.problem(
          values.key(UpstreamTable.REMOTEURL),
          "it is missing, and the upstream's name is not a host name; expected "
              + UpstreamTable.REMOTEURL.syntax().expected());
    }
    return values
        .given(UpstreamTable.REMOTEURL)
        .orElseGet(() -> DockerHub.HOSTS.contains(name) || !isHost ? DockerHub.URL : byName);
  }

  private Names names(URI url) {
    String name = keys.name() == null ? defaultName(url) : keys.name();
    Optional<Names.Part> part = part(url);
    Set<String> namespaces = new HashSet<>(Set.of(name));
    if (part.isEmpty()) {
      namespaces.add(url.getRawAuthority());
    }
    boolean hub = isHub(url) || DockerHub.HOSTS.contains(name);
    if (hub) {
      namespaces.addAll(DockerHub.HOSTS);
    }
    if (part.isPresent() && name.equals(url.getHost())) {
      findings.problem(
          values.key(UpstreamTable.REMOTEURL),
          "with a path the upstream is only a part of %s; give it another name than the host"
              .formatted(name));
    }
    Set<String> hosts = Set.copyOf(values.given(UpstreamTable.HOSTS).orElse(List.of()));
    return new Names(name, namespaces, hosts, hub, part);
  }

  private static Optional<Names.Part> part(URI url) {
    return Optional.of(url.getPath())
        .filter(path -> path.length() > 1)
        .map(path -> new Names.Part(url.getRawAuthority(), RepositoryName.of(path.substring(1))));
  }

  private String defaultName(URI url) {
    Optional<String> given = values.given(UpstreamTable.NAME);
    if (given.isPresent() || isHub(url)) {
      return given.orElse(DockerHub.NAME);
    }
    String hostAndPath = url.getHost() + url.getPath().replace('/', '-');
    try {
      return UpstreamTable.NAME.syntax().parser().apply(hostAndPath);
    } catch (IllegalArgumentException e) {
      return "default"; // an IPv6 address cannot be part of a repository name
    }
  }

  /**
   * Removes the credentials if the upstream is not verified. On this machine they stay, because no
   * other machine can answer.
   */
  private Access withoutSecrets(Access access, URI url, List<URI> mirrors) {
    boolean here = Stream.concat(Stream.of(url), mirrors.stream()).allMatch(UrlSyntax::isLoopback);
    if (here || access instanceof Access.Anonymous) {
      return access;
    }
    findings.warning(
        "the credentials for %s are not sent: with %s the receiver is not verified"
            .formatted(url, values.key(UpstreamTlsTable.INSECURE)));
    return new Access.Anonymous();
  }

  /**
   * Warns if fills could use all requests that a limit allows. Then pulls of tags would wait until
   * blobs are complete.
   */
  static void warnOfNarrowCap(
      Values values, Setting<Integer> cap, int maxFills, Findings findings) {
    int requests = values.value(cap);
    if (requests > 0 && requests <= maxFills && values.isGiven(cap)) {
      findings.warning(
          ("%s is %d, not more than proxy.maxfills (%d): blobs can use all of these requests,"
                  + " and pulls of tags then wait")
              .formatted(values.key(cap), requests, maxFills));
    }
  }

  private void checkConnections(int maxFills) {
    int least = maxFills + CONNECTIONS_BESIDE_FILLS;
    boolean own = keys.name() == null || values.isGiven(UpstreamTable.MAXCONNECTIONS);
    int maxConnections = values.value(UpstreamTable.MAXCONNECTIONS);
    if (own && maxConnections < least) {
      findings.problem(
          values.key(UpstreamTable.MAXCONNECTIONS),
          "%s is \"%d\"; expected at least %d, which is proxy.maxfills (%s) + %d"
              .formatted(
                  values.source(UpstreamTable.MAXCONNECTIONS),
                  maxConnections,
                  least,
                  defaults.source(SettingsTable.PROXY_MAXFILLS),
                  CONNECTIONS_BESIDE_FILLS));
    }
  }

  private Optional<OutboundProxy> outbound() {
    Optional<String> host = values.given(UpstreamTable.OUTBOUND_HOST);
    Optional<Integer> port = values.given(UpstreamTable.OUTBOUND_PORT);
    Optional<Login> login =
        values.login(UpstreamTable.OUTBOUND_USERNAME, UpstreamTable.OUTBOUND_PASSWORD);
    List<String> noProxy = values.given(UpstreamTable.OUTBOUND_NOPROXY).orElse(List.of());
    List.of(
            UpstreamTable.OUTBOUND_PORT,
            UpstreamTable.OUTBOUND_USERNAME,
            UpstreamTable.OUTBOUND_NOPROXY)
        .forEach(setting -> values.requireBeside(setting, UpstreamTable.OUTBOUND_HOST));
    values.requireBeside(UpstreamTable.OUTBOUND_HOST, UpstreamTable.OUTBOUND_PORT);
    return host.flatMap(
        name ->
            port.map(
                number ->
                    new OutboundProxy(
                        name, number, login.map(UpstreamReader::atProxy).orElse(null), noProxy)));
  }

  private static PasswordAuthentication atProxy(Login login) {
    return new PasswordAuthentication(login.username(), login.password().reveal().toCharArray());
  }
}
