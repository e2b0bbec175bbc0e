/** The packaged WAR in servers that run as people install them, each in a JVM of its own. */
@NullMarked
package io.entrepot.servers.installed;

import org.jspecify.annotations.NullMarked;
