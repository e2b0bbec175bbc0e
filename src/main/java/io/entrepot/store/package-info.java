/** Verified blobs by digest. */
@NullMarked
package io.entrepot.store;

import org.jspecify.annotations.NullMarked;
