/** Servers that the integration tests start by themselves, as Arquillian sees them. */
@NullMarked
package io.entrepot.it.server;

import org.jspecify.annotations.NullMarked;
