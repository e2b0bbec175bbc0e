/** Explains what a pull would do now, and why. */
@NullMarked
package io.entrepot.cache.explain;

import org.jspecify.annotations.NullMarked;
