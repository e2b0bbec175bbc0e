package io.entrepot.catalog;

import java.time.Instant;

/**
 * A pin that somebody has added.
 *
 * @param pattern a pattern of repositories and of their tags, as people write it
 * @param addedAt in whole milliseconds
 */
public record PinEntry(String pattern, Instant addedAt) {}
