/**
 * Reads the settings from JNDI, system properties, environment variables and {@code config.yml},
 * and checks them.
 */
@NullMarked
package io.entrepot.config;

import org.jspecify.annotations.NullMarked;
