package io.entrepot.routing;

import java.time.Duration;

/**
 * The rules for the repositories of one upstream.
 *
 * @param admission which repositories may be pulled
 * @param freshness how long answers of the upstream stay valid
 * @param blobs how blobs are fetched
 * @param expiry how long content is kept
 * @param quota how many bytes the content of the upstream may take; 0 for no limit
 * @param deadline how long a client waits for the upstream before it gets an older answer, if there
 *     is one; more than zero
 */
public record Rules(
    Admission admission,
    Freshness freshness,
    BlobRules blobs,
    ExpiryPolicy expiry,
    long quota,
    Duration deadline) {}
