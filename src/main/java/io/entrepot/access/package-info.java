/** Identifies clients. */
@NullMarked
package io.entrepot.access;

import org.jspecify.annotations.NullMarked;
