package io.entrepot.upstream;

/**
 * The referrers of a manifest as an upstream sent them.
 *
 * @param index an OCI index, the upstream's exact bytes; not to be changed
 * @param filtered whether the upstream has applied the filter by artifact type
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are the value; equality is never asked of it
public record Referrers(byte[] index, boolean filtered) {}
