package io.entrepot.store.file;

import io.entrepot.oci.Digest;
import io.entrepot.spool.BlobSource;
import io.entrepot.store.HeldBody;
import io.entrepot.store.StoredBlob;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A small stored blob whose verified bytes are on the heap too.
 *
 * @param bytes not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // the digest says what the bytes are
record HeldBlob(Digest digest, byte[] bytes) implements StoredBlob {
  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public BlobSource open() {
    return new HeldBody(bytes).open();
  }

  /** Its bytes are the store's, however many clients read them. */
  @Override
  public long held() {
    return 0;
  }

  @Override
  public boolean isSound() {
    return true;
  }

  @Override
  public byte[] readSound() {
    return bytes;
  }

  /** None: its file may be gone or unreadable by now, and is not needed. */
  @Override
  public Optional<Path> localFile() {
    return Optional.empty();
  }
}
