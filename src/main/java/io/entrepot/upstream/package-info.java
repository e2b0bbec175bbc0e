/**
 * The sources of blobs, manifests and lists: the interface {@link io.entrepot.upstream.Upstream}
 * and its values, a registry with its mirrors, and an upstream that is offline. The packages below
 * reach one registry over HTTP.
 */
@NullMarked
package io.entrepot.upstream;

import org.jspecify.annotations.NullMarked;
