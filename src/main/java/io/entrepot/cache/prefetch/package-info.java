/** Images that are fetched before somebody asks for them. */
@NullMarked
package io.entrepot.cache.prefetch;

import org.jspecify.annotations.NullMarked;
