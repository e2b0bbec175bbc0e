package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;

/**
 * A blob that a store has, but not near: its bytes come through a fill, as those of an upstream do.
 * They are not verified. Thread-safe.
 */
public interface FarBlob {
  /** What its bytes should hash to. */
  Digest digest();

  /** How many bytes it has. */
  long size();

  /**
   * Begins to read. Blocks.
   *
   * @param first offset of the first byte
   * @param last offset of the last byte, {@link Long#MAX_VALUE} for "to the end"
   * @return the bytes; the caller closes it
   * @throws IOException when they cannot be had now
   */
  InputStream open(long first, long last) throws IOException;

  /** Its bytes have come, and did not hash to the digest: the store forgets it. */
  void wasWrong();

  /**
   * A URL by which a client can read it for a minute; empty where clients are not sent to the
   * store. Whoever has it needs no other right.
   */
  Optional<URI> url();
}
