package io.entrepot.boot;

import io.entrepot.access.Grants;
import io.entrepot.admin.Health;
import io.entrepot.config.Access;
import io.entrepot.config.Settings;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Via;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Sources;
import io.entrepot.routing.UpstreamStatus;
import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.Mirrors;
import io.entrepot.upstream.Offline;
import io.entrepot.upstream.OfflineSwitch;
import io.entrepot.upstream.Quota;
import io.entrepot.upstream.Registry;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.auth.AuthOptions;
import io.entrepot.upstream.pace.Breaker;
import io.entrepot.upstream.pace.Cap;
import io.entrepot.upstream.registry.HttpRegistry;
import io.entrepot.upstream.registry.RegistryOptions;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The opened upstreams of a cache, each with its connections, its first request and its health
 * check. No request is sent before {@link #warmUp}.
 */
final class OpenUpstreams implements AutoCloseable {
  private static final String TAKEN_OUT =
      "it was taken out by /api/upstreams; only what is here is served";

  private final List<WarmUp> warmUps = new ArrayList<>();
  private final List<Health.Check> checks = new ArrayList<>();
  private final UpstreamCredentials credentials;
  private final Via via;
  private final Clock clock;
  private final MeterRegistry meters;
  private final Threads threads;
  private final MemoryBudget memory;
  private final Cap allUpstreams;
  private final List<Upstream> opened = new ArrayList<>();
  private final Map<String, Breaker> breakers = new HashMap<>();
  private final Sources sources;

  /**
   * Opens the upstreams of the settings.
   *
   * @param via names this cache in the first request to each upstream
   * @param memory what may be remembered of all upstreams
   */
  OpenUpstreams(
      Settings settings,
      UpstreamCredentials credentials,
      Via via,
      MemoryBudget memory,
      Clock clock,
      MeterRegistry meters,
      Threads threads) {
    this.credentials = credentials;
    this.via = via;
    this.clock = clock;
    this.meters = meters;
    this.threads = threads;
    this.memory = memory.forOneOf(registries(settings));
    allUpstreams = cap("all upstreams", settings.upstreams().limits(), response(settings.proxy()));
    sources =
        new Sources(
            open(settings.proxy()),
            settings.upstreams().others().stream().map(this::open).toList());
  }

  /** How many registries there are: each upstream with its mirrors. */
  private static int registries(Settings settings) {
    return settings.upstreams().all().stream()
        .mapToInt(upstream -> 1 + upstream.servers().mirrors().size())
        .sum();
  }

  private ProxiedUpstream open(Settings.Upstream settings) {
    String name = settings.names().name();
    Upstream upstream;
    Supplier<UpstreamStatus> status;
    if (settings.servers().offline()) {
      upstream = new Offline();
      status = () -> new UpstreamStatus(name, true, List.of());
    } else {
      Mirrors mirrors = mirrors(settings);
      OfflineSwitch offlineSwitch = new OfflineSwitch(mirrors);
      upstream = offlineSwitch;
      status =
          () ->
              offlineSwitch.isOut()
                  ? new UpstreamStatus(name, true, List.of())
                  : new UpstreamStatus(name, false, registries(mirrors));
      String what = settings.key().equals("proxy.") ? "upstream" : "upstream " + name;
      Supplier<Optional<String>> trouble =
          () -> offlineSwitch.isOut() ? Optional.of(TAKEN_OUT) : mirrors.trouble();
      warmUps.add(new WarmUp(offlineSwitch, mirrors, settings.login().access(), via));
      checks.add(new Health.Check(what, false, trouble));
    }
    opened.add(upstream);
    return new ProxiedUpstream(
        settings.names(),
        settings.rules(),
        upstream,
        new ProxiedUpstream.Workers(threads.fillsOf(name), threads.questionsOf(name)),
        settings.url(),
        status,
        grants(settings));
  }

  private @Nullable Grants grants(Settings.Upstream settings) {
    return settings.login().access() instanceof Access.OfClients clients
        ? new Grants(clients.lifetime(), memory, clock)
        : null;
  }

  private Mirrors mirrors(Settings.Upstream settings) {
    String name = settings.names().name();
    Cap own = cap("upstream " + name, settings.limits(), response(settings));
    List<Cap> caps = List.of(own, allUpstreams);
    Mirrors upstream =
        new Mirrors(
            Stream.concat(Stream.of(settings.url()), settings.servers().mirrors().stream())
                .map(url -> open(settings, url, caps))
                .toList());
    return upstream;
  }

  private HttpRegistry open(Settings.Upstream settings, URI url, List<Cap> caps) {
    HttpRegistry registry =
        new HttpRegistry(
            new RegistryOptions(
                settings.wire().at(url),
                new AuthOptions(
                    credentials.open(settings, url),
                    settings.login().anonymousFallback(),
                    settings.login().realms()),
                settings.restraint().withCaps(caps),
                memory),
            clock,
            meters,
            threads.timer(),
            threads.questions());
    breakers.put(settings.names().name() + " " + registry.uri(), registry.guard());
    return registry;
  }

  /** The breaker of each registry, by the name of its upstream, a space, and its address. */
  Map<String, Breaker> breakers() {
    return Map.copyOf(breakers);
  }

  private static Duration response(Settings.Upstream upstream) {
    return upstream.wire().timeouts().response();
  }

  private static Cap cap(String what, Settings.Limits limits, Duration wait) {
    return new Cap(what, limits.requests(), wait, limits.bytesPerSecond());
  }

  private static List<UpstreamStatus.OfRegistry> registries(Mirrors upstream) {
    return upstream.inOrder().stream().map(OpenUpstreams::registry).toList();
  }

  private static UpstreamStatus.OfRegistry registry(Registry registry) {
    BreakerStatus breaker = registry.breaker();
    return new UpstreamStatus.OfRegistry(
        registry.uri().toString(),
        breaker.state().name().toLowerCase(Locale.ROOT),
        breaker.left().plusMillis(999).toSeconds(),
        registry.trouble().orElse(null),
        registry.quota().map(quota -> rateLimit(quota, registry.isScarce())).orElse(null));
  }

  private static UpstreamStatus.RateLimit rateLimit(Quota quota, boolean scarce) {
    return new UpstreamStatus.RateLimit(
        quota.limit().isPresent() ? quota.limit().getAsLong() : null,
        quota.remaining(),
        quota.source(),
        quota.seenAt().toString(),
        scarce);
  }

  /** Finds the upstream of each repository name. */
  Sources sources() {
    return sources;
  }

  List<Health.Check> checks() {
    return List.copyOf(checks);
  }

  /** Sends the first request to each upstream. */
  void warmUp() {
    warmUps.forEach(warmUp -> threads.questions().execute(warmUp));
  }

  /**
   * Sends the first request to each upstream, one after the other.
   *
   * @param found gets a line for each that answers
   * @param problems gets a line for each that does not, or does not let us in
   */
  void check(List<String> found, List<String> problems) {
    warmUps.forEach(warmUp -> warmUp.check(found, problems));
  }

  /** Sends a request to each upstream whose last request failed. */
  void warmUpAgain() {
    warmUps.forEach(warmUp -> threads.questions().execute(warmUp::again));
  }

  @Override
  public void close() {
    opened.forEach(Upstream::close);
  }
}
