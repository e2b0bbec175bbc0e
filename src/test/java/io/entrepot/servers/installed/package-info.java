/**
 * The packaged WAR in servers that run as people install them, each in a JVM of its own: by the
 * commands of tomcat-conf/ and jetty-conf/, and from folders that are read-only.
 */
@NullMarked
package io.entrepot.servers.installed;

import org.jspecify.annotations.NullMarked;
