/**
 * Where the credentials for an upstream come from, and how they are read again when they change.
 */
@NullMarked
package io.entrepot.upstream.credentials;

import org.jspecify.annotations.NullMarked;
