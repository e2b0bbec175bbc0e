/** Blobs: stored, under way, or fetched. */
@NullMarked
package io.entrepot.cache.blobs;

import org.jspecify.annotations.NullMarked;
