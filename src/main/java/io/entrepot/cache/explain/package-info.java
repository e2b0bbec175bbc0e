/** What a pull would get now, and why. */
@NullMarked
package io.entrepot.cache.explain;

import org.jspecify.annotations.NullMarked;
