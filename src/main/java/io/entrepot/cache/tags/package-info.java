/** Manifests by tag and digest, tag lists and referrers, and how fresh they are. */
@NullMarked
package io.entrepot.cache.tags;

import org.jspecify.annotations.NullMarked;
