package io.entrepot.upstream;

import io.entrepot.oci.Digest;
import java.time.Duration;

/**
 * What an upstream says of a tag.
 *
 * @param digest where it points
 * @param freshFor how long that may be believed by the upstream's own word ({@code Cache-Control}
 *     less {@code Age}); zero where it says nothing, or that it must be asked each time; at most a
 *     year
 */
public record Resolution(Digest digest, Duration freshFor) {}
