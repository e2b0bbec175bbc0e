package io.entrepot.catalog;

/**
 * How much the catalog holds, counted at one moment.
 *
 * @param blobs digests held, manifests included
 * @param manifests digests that at least one repository holds as a manifest
 * @param links pairs of repository and digest
 * @param tags tags of all repositories
 * @param repositories repositories with at least one link
 * @param bytes what all blobs take, each counted once
 */
public record CatalogStats(
    long blobs, long manifests, long links, long tags, long repositories, long bytes) {}
