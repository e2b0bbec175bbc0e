package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A verified blob that was in the store when it was found. Thread-safe. */
public interface StoredBlob extends Body {
  /** What its bytes hash to. */
  Digest digest();

  /**
   * Reads it from end to end, a piece at a time, and verifies it.
   *
   * @throws BlobGoneException when it was removed after it was found
   * @throws IOException when the store cannot read it now
   */
  boolean isSound() throws IOException;

  /**
   * Reads it whole and verifies it; for whoever must parse a manifest, which is bounded.
   *
   * @return its bytes, not to be changed; null where they no longer hash to the digest
   * @throws BlobGoneException when it was removed after it was found
   * @throws IOException when the store cannot read it now
   */
  byte @Nullable [] readSound() throws IOException;
}
