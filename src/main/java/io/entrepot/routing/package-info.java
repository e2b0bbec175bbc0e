/** What a repository name leads to: its source, and how that is used. */
@NullMarked
package io.entrepot.routing;

import org.jspecify.annotations.NullMarked;
