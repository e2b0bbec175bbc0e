/** Taking over the cache of another registry. */
@NullMarked
package io.entrepot.migration;

import org.jspecify.annotations.NullMarked;
