/** The client side: asking an upstream registry, proving who we are, and believing little. */
@NullMarked
package io.entrepot.upstream;

import org.jspecify.annotations.NullMarked;
