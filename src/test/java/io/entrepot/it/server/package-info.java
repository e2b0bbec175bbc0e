/** Servers that have no Arquillian container, or none that starts them as people do. */
@NullMarked
package io.entrepot.it.server;

import org.jspecify.annotations.NullMarked;
