/** The cache of blobs and their fills. */
@NullMarked
package io.entrepot.cache.blobs;

import org.jspecify.annotations.NullMarked;
