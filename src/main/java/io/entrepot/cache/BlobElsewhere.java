package io.entrepot.cache;

import java.net.URI;

/**
 * A blob that a client gets from the store itself.
 *
 * @param url whoever has it can read the blob for a minute, without any other right
 */
public record BlobElsewhere(URI url) implements BlobAnswer {}
