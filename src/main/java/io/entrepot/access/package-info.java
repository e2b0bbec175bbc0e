/** Who a client is, and what it may do. */
@NullMarked
package io.entrepot.access;

import org.jspecify.annotations.NullMarked;
