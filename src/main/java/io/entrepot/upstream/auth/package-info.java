/** Authentication at an upstream: challenges, realms, tokens. */
@NullMarked
package io.entrepot.upstream.auth;

import org.jspecify.annotations.NullMarked;
