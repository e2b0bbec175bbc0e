/** The heap that caches and requests may use, and the share of each. */
@NullMarked
package io.entrepot.memory;

import org.jspecify.annotations.NullMarked;
