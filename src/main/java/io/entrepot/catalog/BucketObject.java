package io.entrepot.catalog;

import io.entrepot.oci.Digest;

/**
 * An object of the bucket that is there, or is to be put.
 *
 * @param generation tells it from earlier objects of the same digest
 * @param size in bytes
 */
public record BucketObject(Digest digest, String generation, long size) {}
