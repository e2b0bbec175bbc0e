/** Who a client is. */
@NullMarked
package io.entrepot.access;

import org.jspecify.annotations.NullMarked;
