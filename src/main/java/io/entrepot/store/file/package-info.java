/** The blob store in a folder. */
@NullMarked
package io.entrepot.store.file;

import org.jspecify.annotations.NullMarked;
