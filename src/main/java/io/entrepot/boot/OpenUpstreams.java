package io.entrepot.boot;

import io.entrepot.admin.Health;
import io.entrepot.cache.Routes;
import io.entrepot.config.Settings;
import io.entrepot.upstream.HttpUpstream;
import io.entrepot.upstream.Offline;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.Upstreams;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

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
    ByUpstream<Upstream> opened = ByUpstream.of(settings, this::open);
    all = new Upstreams(opened.fallback(), opened.named());
    ByUpstream<Routes.Destination> destinations =
        ByUpstream.of(settings, OpenUpstreams::destination);
    routes = new Routes(destinations.fallback(), List.copyOf(destinations.named().values()));
  }

  private Upstream open(Settings.Upstream settings) {
    if (settings.offline()) {
      return new Offline();
    }
    HttpUpstream upstream =
        new HttpUpstream(
            UpstreamSettings.of(settings, credentials.open(settings)),
            clock,
            meters,
            threads.timer());
    warmUps.add(new WarmUp(upstream, settings.access()));
    String what =
        settings.key().equals("proxy.") ? "upstream" : "upstream " + settings.names().name();
    checks.add(new Health.Check(what, false, upstream::trouble));
    return upstream;
  }

  private static Routes.Destination destination(Settings.Upstream upstream) {
    Settings.Names names = upstream.names();
    return new Routes.Destination(
        names.name(), names.namespaces(), names.hosts(), names.dockerHub());
  }

  /** All of them behind one seam. */
  Upstream all() {
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
