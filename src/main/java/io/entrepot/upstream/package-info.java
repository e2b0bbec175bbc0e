/**
 * What blobs, manifests and lists are fetched from: the seam, its values, mirrors, and an upstream
 * that is offline.
 */
@NullMarked
package io.entrepot.upstream;

import org.jspecify.annotations.NullMarked;
