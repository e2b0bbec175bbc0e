/**
 * The packaged WAR in a Tomcat or a Jetty inside the tests' own JVM: deployed with the settings of
 * each test, refused, and undeployed without a trace.
 */
@NullMarked
package io.entrepot.servers.lifecycle;

import org.jspecify.annotations.NullMarked;
