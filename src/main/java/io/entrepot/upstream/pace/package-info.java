/**
 * The limits that protect an upstream from us: the circuit breaker, limits of calls and bytes, and
 * the limit of requests that it has itself.
 */
@NullMarked
package io.entrepot.upstream.pace;

import org.jspecify.annotations.NullMarked;
