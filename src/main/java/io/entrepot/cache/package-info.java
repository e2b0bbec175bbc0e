/** The common parts of the caches for blobs, manifests and lists: hit, join and miss. */
@NullMarked
package io.entrepot.cache;

import org.jspecify.annotations.NullMarked;
