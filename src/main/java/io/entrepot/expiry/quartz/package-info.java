/** The leases as triggers of a Quartz JDBC job store. */
@NullMarked
package io.entrepot.expiry.quartz;

import org.jspecify.annotations.NullMarked;
