/** Hit, join or miss: what blobs, manifests and lists have in common. */
@NullMarked
package io.entrepot.cache;

import org.jspecify.annotations.NullMarked;
