/**
 * The executable WAR: options, an embedded Tomcat and a clean stop. Its code may use only the JDK
 * and Tomcat, because its class loader does not see WEB-INF.
 */
@NullMarked
package io.entrepot.launch;

import org.jspecify.annotations.NullMarked;
