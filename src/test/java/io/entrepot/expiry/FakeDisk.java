package io.entrepot.expiry;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** A disk that is a set of digests, and refuses to delete while it is told to. Thread-safe. */
final class FakeDisk implements BlobRemover {
  final Set<Digest> blobs = ConcurrentHashMap.newKeySet();
  volatile boolean broken;
  volatile Runnable beforeRemoval = () -> {};
  volatile Runnable afterRemoval = () -> {};

  @Override
  public boolean removeUnless(Digest digest, BooleanSupplier stillLinked) throws IOException {
    beforeRemoval.run();
    if (stillLinked.getAsBoolean()) {
      return false;
    }
    if (broken) {
      throw new IOException("the disk is read-only");
    }
    blobs.remove(digest);
    afterRemoval.run();
    return true;
  }
}
