/** The caches of manifests, tag lists and referrers, and the rules for their freshness. */
@NullMarked
package io.entrepot.cache.tags;

import org.jspecify.annotations.NullMarked;
