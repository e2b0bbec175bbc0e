package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import java.time.Instant;

/**
 * A digest that the upstream has named for a tag.
 *
 * @param firstSeen when it first did so, in whole milliseconds
 * @param lastSeen when it last did so, in whole milliseconds
 * @param served whether clients ever got this digest here by that tag
 */
public record Sighting(Digest digest, Instant firstSeen, Instant lastSeen, boolean served) {}
