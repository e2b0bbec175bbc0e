/** The registry API over HTTP: parse, dispatch, stream, and turn failures into answers. */
@NullMarked
package io.entrepot.http;

import org.jspecify.annotations.NullMarked;
