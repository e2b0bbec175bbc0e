/** What operators see: health, statistics, metrics. */
@NullMarked
package io.entrepot.admin;

import org.jspecify.annotations.NullMarked;
