/** Content on disk: blobs by digest, and the spool in which they arrive. */
@NullMarked
package io.entrepot.store;

import org.jspecify.annotations.NullMarked;
