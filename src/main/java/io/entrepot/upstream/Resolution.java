package io.entrepot.upstream;

import io.entrepot.oci.Digest;
import java.time.Duration;

/**
 * The digest of a tag, as an upstream answered.
 *
 * @param digest what the tag points to
 * @param freshFor how long the upstream lets us use the answer ({@code Cache-Control} less {@code
 *     Age}), at most a year; zero where it does not say, or wants to be asked each time
 */
public record Resolution(Digest digest, Duration freshFor) {}
