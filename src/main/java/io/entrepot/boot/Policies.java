package io.entrepot.boot;

import io.entrepot.cache.BlobLimit;
import io.entrepot.cache.Freshness;
import io.entrepot.cache.TagPolicy;
import io.entrepot.config.Settings;
import io.entrepot.oci.Pin;
import java.util.List;

/**
 * What is decided by repository, and so by upstream, rather than once for all.
 *
 * @param pins what never expires, at most 100
 */
record Policies(TagPolicy tags, BlobLimit blobLimit, List<Pin> pins) {
  static Policies of(Settings settings) {
    Settings.Proxy proxy = settings.proxy();
    Freshness freshness = Freshness.of(proxy.revalidate(), proxy.keepDeleted());
    return new Policies(TagPolicy.of(freshness), BlobLimit.none(), List.of());
  }
}
