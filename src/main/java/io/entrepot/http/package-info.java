/**
 * The registry API over HTTP: parse requests, dispatch them, stream bodies, and turn failures into
 * answers.
 */
@NullMarked
package io.entrepot.http;

import org.jspecify.annotations.NullMarked;
