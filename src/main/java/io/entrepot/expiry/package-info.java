/** Leases: until when each digest stays, who decides when one runs out, and how blobs go. */
@NullMarked
package io.entrepot.expiry;

import org.jspecify.annotations.NullMarked;
