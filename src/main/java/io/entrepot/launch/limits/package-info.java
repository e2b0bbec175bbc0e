/**
 * Limits of connections and of the time for a request's head, which Tomcat does not have. The
 * executable WAR uses these classes; an installed Tomcat loads them from its folder lib
 * (tomcat-conf). So they use nothing but the JDK and Tomcat.
 */
@org.jspecify.annotations.NullMarked
package io.entrepot.launch.limits;
