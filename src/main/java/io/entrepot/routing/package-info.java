/** Finds the source of each repository name, and the rules for it. */
@NullMarked
package io.entrepot.routing;

import org.jspecify.annotations.NullMarked;
