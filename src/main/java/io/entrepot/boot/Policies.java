package io.entrepot.boot;

import io.entrepot.catalog.Pin;
import io.entrepot.config.Settings;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.BlobLimit;
import io.entrepot.routing.FinishShare;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.TagPolicy;
import io.entrepot.routing.TagRule;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * What is decided by repository, and so by upstream, rather than once for all.
 *
 * @param pins what never expires, at most 100
 */
record Policies(TagPolicy tags, BlobLimit blobLimit, FinishShare finishShare, List<Pin> pins) {
  /**
   * Takes what the settings say.
   *
   * @param scarce whether the upstream's quota is so low that it is not asked about what is here
   */
  static Policies of(Settings settings, Predicate<RepositoryName> scarce) {
    ByUpstream<Freshness> freshness = ByUpstream.of(settings, u -> freshness(u.tags()));
    ByUpstream<Duration> cooling = ByUpstream.of(settings, u -> u.tags().cooling());
    ByUpstream<Long> maxBlobSizes = ByUpstream.of(settings, Settings.Upstream::maxBlobSize);
    ByUpstream<Integer> finishFrom = ByUpstream.of(settings, Settings.Upstream::finishFrom);
    return new Policies(
        new TagPolicy(freshness, cooling, scarce),
        new BlobLimit(maxBlobSizes::apply),
        new FinishShare(finishFrom::apply),
        settings.expiry().pins());
  }

  private static Freshness freshness(Settings.Tags tags) {
    List<TagRule> rules =
        tags.rules().stream().map(rule -> new TagRule(rule.tags(), rule.revalidate())).toList();
    return new Freshness(
        tags.revalidate(),
        rules,
        tags.maxAge(),
        tags.staleWindow(),
        tags.negative(),
        tags.keepDeleted());
  }
}
