/** The listener that deploys and undeploys the application, and the composition root. */
@NullMarked
package io.entrepot.boot;

import org.jspecify.annotations.NullMarked;
