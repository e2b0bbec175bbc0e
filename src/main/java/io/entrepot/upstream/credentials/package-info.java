/** The sources of credentials for an upstream, read again when they change. */
@NullMarked
package io.entrepot.upstream.credentials;

import org.jspecify.annotations.NullMarked;
