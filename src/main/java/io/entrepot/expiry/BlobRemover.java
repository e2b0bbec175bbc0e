package io.entrepot.expiry;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Removes a blob from the store, unless it is wanted at the last moment. */
@FunctionalInterface
public interface BlobRemover {
  /**
   * Removes a blob under the lock of its digest, so that a link made at this moment wins.
   *
   * @param stillLinked asked under that lock, just before the removal
   * @return true where the blob is gone, also when it was not there; false where it is still linked
   * @throws IOException where it could not be removed; it is asked again later
   */
  boolean removeUnless(Digest digest, BooleanSupplier stillLinked) throws IOException;
}
