/**
 * The executable WAR: options, an embedded Tomcat and a clean stop. Only the JDK and Tomcat are at
 * hand here.
 */
@NullMarked
package io.entrepot.launch;

import org.jspecify.annotations.NullMarked;
