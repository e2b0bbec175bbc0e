/**
 * Settings from JNDI, system properties, the environment and {@code config.yml}, as validated
 * records.
 */
@NullMarked
package io.entrepot.config;

import org.jspecify.annotations.NullMarked;
