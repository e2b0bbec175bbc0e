/** The packaged WAR in real servers: what is the same on all of them. */
@NullMarked
package io.entrepot.servers;

import org.jspecify.annotations.NullMarked;
