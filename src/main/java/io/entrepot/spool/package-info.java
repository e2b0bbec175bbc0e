/** Blobs while they arrive: spool files, watermarks, checkpoints, and the space they may take. */
@NullMarked
package io.entrepot.spool;

import org.jspecify.annotations.NullMarked;
