/** Requests and responses over HttpClient 5: connections, TLS, redirects, deadlines. */
@NullMarked
package io.entrepot.upstream.wire;

import org.jspecify.annotations.NullMarked;
