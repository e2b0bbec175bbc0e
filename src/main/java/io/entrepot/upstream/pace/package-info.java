/**
 * How an upstream is spared: the circuit breaker, limits of calls and bytes, its own limit of
 * requests.
 */
@NullMarked
package io.entrepot.upstream.pace;

import org.jspecify.annotations.NullMarked;
