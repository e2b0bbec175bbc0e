/** Servers that have no Arquillian container, or none that starts them as people do. */
@NullMarked
package io.entrepot.servers.containers;

import org.jspecify.annotations.NullMarked;
