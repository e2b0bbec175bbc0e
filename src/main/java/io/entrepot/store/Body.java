package io.entrepot.store;

import io.entrepot.spool.BlobSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Bytes of a known length that clients may get. Thread-safe. */
public interface Body {
  /** How many bytes it has. */
  long size();

  /** How many of its bytes are on the heap as long as a client reads it. */
  long held();

  /**
   * Opens it. A removal from now on takes nothing away from whoever reads.
   *
   * @throws BlobGoneException when it was removed after it was found
   * @throws IOException when it cannot be opened now
   */
  BlobSource open() throws IOException;

  /**
   * The local file that holds exactly these bytes, if there is one. This is the only place where a
   * store gives the name of a file, and only for a server that sends files by itself (sendfile).
   * The file may be unlinked at any time; nobody may change it.
   */
  Optional<Path> localFile();
}
