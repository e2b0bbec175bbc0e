/**
 * The packaged WAR in real servers. The tests of this package are the same for all servers, and
 * Arquillian deploys for them.
 */
@NullMarked
package io.entrepot.servers;

import org.jspecify.annotations.NullMarked;
