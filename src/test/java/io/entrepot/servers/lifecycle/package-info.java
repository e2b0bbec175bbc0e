/**
 * The packaged WAR deployed and undeployed again and again in one server: what must not survive.
 */
@NullMarked
package io.entrepot.servers.lifecycle;

import org.jspecify.annotations.NullMarked;
