package io.entrepot.boot;

import io.entrepot.cache.Absences;
import io.entrepot.cache.Asks;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.blobs.BlobCache;
import io.entrepot.cache.blobs.Fills;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.cache.blobs.Pause;
import io.entrepot.cache.explain.Explanations;
import io.entrepot.cache.tags.ListCache;
import io.entrepot.cache.tags.ManifestCache;
import io.entrepot.cache.tags.ReferrersCache;
import io.entrepot.config.Settings;
import io.entrepot.expiry.Leases;
import io.entrepot.routing.BlobLimit;
import io.entrepot.routing.StaleDeadline;
import io.entrepot.routing.TagPolicy;
import io.entrepot.spool.Spool;
import io.entrepot.upstream.Upstream;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.concurrent.Executor;

/** The ways into one cache, by what is asked for; they share what is known of the upstreams. */
record FrontDoors(
    BlobCache blobs,
    ManifestCache manifests,
    ListCache lists,
    ReferrersCache referrers,
    Explanations explanations) {

  static FrontDoors open(
      Settings settings,
      Policies policies,
      OpenUpstreams upstreams,
      LocalContent shelf,
      InFlightBlobs inFlight,
      Spool spool,
      Leases leases,
      Threads threads,
      MeterRegistry meters,
      Clock clock) {
    int count = 1 + settings.upstreams().size();
    Asks asks = new Asks(threads.asks(), ByUpstream.of(settings, u -> threads.askLane(count)));
    Upstream upstream = upstreams.all();
    TagPolicy tags = policies.tags();
    BlobLimit limit = policies.blobLimit();
    Absences absences = new Absences(tags.freshness(), clock);
    CacheMeters numbers = new CacheMeters(meters, ByUpstream.of(settings, FrontDoors::meterName));
    ByUpstream<StaleDeadline> deadlines =
        ByUpstream.of(
            settings, u -> new StaleDeadline(threads.timer(), threads.pumps(), u.deadline()));
    ByUpstream<Executor> lanes = ByUpstream.of(settings, u -> threads.fillLane(count));
    Fills fills =
        new Fills(
            upstream,
            spool,
            shelf,
            lanes,
            Pause.growing(),
            limit,
            policies.finishShare(),
            numbers,
            clock);
    ManifestCache manifests =
        new ManifestCache(shelf, upstream, asks, absences, deadlines, tags, numbers, clock);
    return new FrontDoors(
        new BlobCache(shelf, upstream, inFlight, fills, asks, absences, limit, clock),
        manifests,
        new ListCache(shelf, upstream, asks, absences, deadlines),
        new ReferrersCache(upstream, asks, tags, deadlines, clock),
        new Explanations(
            upstreams.routes(),
            shelf,
            manifests,
            absences,
            tags,
            policies.pins(),
            leases,
            upstreams::status,
            clock));
  }

  private static String meterName(Settings.Upstream upstream) {
    return upstream.url().getHost();
  }
}
