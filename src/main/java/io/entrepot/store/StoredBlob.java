package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.spool.BlobSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A verified blob that was in the store when it was found. Thread-safe. */
public interface StoredBlob {
  /** What its bytes hash to. */
  Digest digest();

  /** How many bytes it has. */
  long size();

  /**
   * Opens it. A removal from now on takes nothing away from whoever reads.
   *
   * @throws BlobGoneException when it was removed after it was found
   * @throws IOException when the store cannot open it now
   */
  BlobSource open() throws IOException;

  /**
   * Reads it whole and verifies it; for manifests, which are bounded.
   *
   * @return its bytes, not to be changed; null where they no longer hash to the digest
   * @throws BlobGoneException when it was removed after it was found
   * @throws IOException when the store cannot read it now
   */
  byte @Nullable [] readSound() throws IOException;

  /**
   * The local file that holds exactly these bytes, if the store has one. This is the only place
   * where a store gives the name of a file, and only for a server that sends files by itself
   * (sendfile). The file may be unlinked at any time; nobody may change it.
   */
  Optional<Path> localFile();
}
