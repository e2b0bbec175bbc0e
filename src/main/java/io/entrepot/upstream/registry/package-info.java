/** One registry over HTTP: an endpoint class for each part of the registry API. */
@NullMarked
package io.entrepot.upstream.registry;

import org.jspecify.annotations.NullMarked;
