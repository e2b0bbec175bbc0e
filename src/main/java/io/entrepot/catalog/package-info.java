/** The index in a database: which repository has which digests and tags, and when each was used. */
@NullMarked
package io.entrepot.catalog;

import org.jspecify.annotations.NullMarked;
