/** From deployment to undeployment: the listener, and the composition root. */
@NullMarked
package io.entrepot.boot;

import org.jspecify.annotations.NullMarked;
