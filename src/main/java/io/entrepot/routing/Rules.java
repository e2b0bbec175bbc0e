package io.entrepot.routing;

import java.time.Duration;

/**
 * How the repositories of one upstream are used.
 *
 * @param admission which of them may be pulled
 * @param freshness how long the upstream's word on a tag counts
 * @param blobs how its blobs are fetched
 * @param expiry how long what was pulled is kept
 * @param deadline how long a client waits for the upstream where an older answer would do, more
 *     than zero
 */
public record Rules(
    Admission admission,
    Freshness freshness,
    BlobRules blobs,
    ExpiryPolicy expiry,
    Duration deadline) {}
