/** The interfaces for operators: health, statistics, metrics, JMX. */
@NullMarked
package io.entrepot.admin;

import org.jspecify.annotations.NullMarked;
