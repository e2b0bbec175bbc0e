/** Hit, join or miss for blobs; resolution, freshness and staleness for tags and manifests. */
@NullMarked
package io.entrepot.cache;

import org.jspecify.annotations.NullMarked;
