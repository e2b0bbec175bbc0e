/** Threads with names, and the pace at which they work. */
@NullMarked
package io.entrepot.threads;

import org.jspecify.annotations.NullMarked;
