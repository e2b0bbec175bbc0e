package io.entrepot.boot;

import io.entrepot.admin.Health;
import io.entrepot.config.Settings;
import io.entrepot.routing.Admission;
import io.entrepot.routing.Routes;
import io.entrepot.routing.UpstreamStatus;
import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.Mirrors;
import io.entrepot.upstream.Offline;
import io.entrepot.upstream.Quota;
import io.entrepot.upstream.Registry;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.Upstreams;
import io.entrepot.upstream.pace.Cap;
import io.entrepot.upstream.registry.HttpRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The upstreams of one cache, each with its way to it, its first word and its part in health.
 * Nothing is asked before {@link #warmUp}.
 */
final class OpenUpstreams implements AutoCloseable {
  private final List<WarmUp> warmUps = new ArrayList<>();
  private final List<Health.Check> checks = new ArrayList<>();
  private final UpstreamCredentials credentials;
  private final Clock clock;
  private final MeterRegistry meters;
  private final Threads threads;
  private final Cap everything;
  private final Map<String, Supplier<UpstreamStatus>> statuses = new LinkedHashMap<>();
  private final Upstreams all;
  private final Routes routes;

  OpenUpstreams(
      Settings settings,
      UpstreamCredentials credentials,
      Clock clock,
      MeterRegistry meters,
      Threads threads) {
    this.credentials = credentials;
    this.clock = clock;
    this.meters = meters;
    this.threads = threads;
    everything = cap("all upstreams", settings.limits(), settings.proxy().responseTimeout());
    ByUpstream<Upstream> opened = ByUpstream.of(settings, this::open);
    all = new Upstreams(opened.fallback(), opened.named());
    ByUpstream<Routes.Destination> destinations =
        ByUpstream.of(settings, OpenUpstreams::destination);
    routes = new Routes(destinations.fallback(), List.copyOf(destinations.named().values()));
  }

  private Upstream open(Settings.Upstream settings) {
    String name = settings.names().name();
    if (settings.offline()) {
      statuses.put(name, () -> new UpstreamStatus(name, true, List.of()));
      return new Offline();
    }
    Cap own = cap("upstream " + name, settings.limits(), settings.responseTimeout());
    List<Cap> caps = List.of(own, everything);
    Mirrors upstream =
        new Mirrors(
            Stream.concat(Stream.of(settings.url()), settings.mirrors().stream())
                .map(url -> open(settings, url, caps))
                .toList());
    warmUps.add(new WarmUp(upstream, settings.access()));
    statuses.put(name, () -> new UpstreamStatus(name, false, registries(upstream)));
    String what = settings.key().equals("proxy.") ? "upstream" : "upstream " + name;
    checks.add(new Health.Check(what, false, upstream::trouble));
    return upstream;
  }

  private HttpRegistry open(Settings.Upstream settings, URI url, List<Cap> caps) {
    return new HttpRegistry(
        UpstreamSettings.of(settings, url, credentials.open(settings, url), caps),
        clock,
        meters,
        threads.timer());
  }

  private static Cap cap(String what, Settings.Limits limits, Duration wait) {
    return new Cap(what, limits.requests(), wait, limits.bytesPerSecond());
  }

  private static List<UpstreamStatus.Registry> registries(Mirrors upstream) {
    return upstream.inOrder().stream().map(OpenUpstreams::registry).toList();
  }

  private static UpstreamStatus.Registry registry(Registry registry) {
    BreakerStatus breaker = registry.breaker();
    return new UpstreamStatus.Registry(
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

  /** How each stands now. */
  List<UpstreamStatus> statuses() {
    return statuses.values().stream().map(Supplier::get).toList();
  }

  /** How the one of that name stands now. */
  UpstreamStatus status(String name) {
    return Objects.requireNonNull(statuses.get(name)).get();
  }

  private static Routes.Destination destination(Settings.Upstream upstream) {
    Settings.Names names = upstream.names();
    return new Routes.Destination(
        names.name(),
        names.namespaces(),
        names.hosts(),
        names.dockerHub(),
        new Admission(upstream.admission().allow(), upstream.admission().deny()));
  }

  /** All of them behind one seam. */
  Upstreams all() {
    return all;
  }

  Routes routes() {
    return routes;
  }

  List<Health.Check> checks() {
    return List.copyOf(checks);
  }

  /** Has the first word with each. */
  void warmUp() {
    warmUps.forEach(warmUp -> threads.asks().execute(warmUp));
  }

  /** Tries again where the last word was no good one. */
  void warmUpAgain() {
    warmUps.forEach(warmUp -> threads.asks().execute(warmUp::again));
  }

  @Override
  public void close() {
    all.close();
  }
}
