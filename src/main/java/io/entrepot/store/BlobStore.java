package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.spool.SpoolFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Verified blobs by digest, shared by all repositories; the catalog knows who may have them. What
 * is found here is whole: a blob gets its digest as its name only after its bytes were verified.
 *
 * <p>A blob that cannot be read counts as absent, and {@link #trouble} says why.
 *
 * <p>Safe for concurrent use. {@link IOException} says that the store cannot answer or cannot store
 * now; absence is an empty answer, and a blob that went after it was found is a {@link
 * BlobGoneException}. {@code BlobStoreContract}, among the tests, has the facts that every store
 * must pass.
 */
public interface BlobStore {
  /** Finds a blob. */
  Optional<StoredBlob> find(Digest digest) throws IOException;

  /**
   * Finds a blob whose size is known. This is the way to answer a client: a store may answer for
   * small blobs from memory.
   *
   * @param size in bytes, 0 or more
   * @return empty also where the store has the blob with another size, since it has lost bytes
   *     then; a store may also answer empty for a small blob whose bytes no longer verify
   */
  Optional<StoredBlob> find(Digest digest, long size) throws IOException;

  /**
   * Finds a blob that {@link #find} does not find, since it is not near. May wait for the database.
   */
  default Optional<FarBlob> findFar(Digest digest) {
    return Optional.empty();
  }

  /** Whether clients may be sent to the URLs of far blobs. */
  default boolean sendsClients() {
    return false;
  }

  /**
   * Takes a sealed spool file into the store. When this returns, a power cut takes nothing away.
   *
   * @throws IllegalStateException when the file is not sealed
   * @throws IOException when the store refuses it; the spool file is then as it was
   */
  StoredBlob commit(SpoolFile sealed) throws IOException;

  /**
   * Stores a small body, such as a manifest.
   *
   * @throws io.entrepot.spool.CorruptBlobException when it does not hash to the digest
   * @throws IOException when the store refuses it
   */
  StoredBlob put(Digest digest, byte[] bytes) throws IOException;

  /**
   * Reads a stored blob from end to end. One that is damaged, or that cannot be read, is taken out
   * of the store. Readers that have it open keep what they have.
   *
   * @param pace waits as it likes between two pieces
   * @return whether its bytes hash to its digest
   * @throws BlobGoneException when it is absent
   * @throws IOException when the store cannot read anything now
   * @throws InterruptedException when the pace is interrupted
   */
  boolean verify(Digest digest, ReadPace pace) throws IOException, InterruptedException;

  /**
   * Runs an action while this digest cannot be removed: to make a link to bytes that are here. The
   * action may wait for the database, and must not call the store to change this digest.
   */
  void whileKept(Digest digest, Runnable action);

  /**
   * Removes a blob, unless it is needed. The question is asked while nobody else can link or store
   * this digest, so that a link made at this moment wins. Readers that have it open keep its bytes.
   *
   * @return whether it is gone, which it also is when it never was there
   * @throws IOException when it cannot be removed now
   */
  boolean removeUnless(Digest digest, BooleanSupplier needed) throws IOException;

  /**
   * Whether somebody has a blob open, so that its space would not come back at once if it were
   * removed. A server that sends a file by itself is not known here.
   */
  boolean isRead(Digest digest);

  /**
   * Lists all blobs, one batch after another, in the order of algorithm and hex.
   *
   * @param last the last digest of the batch before; null to begin
   * @return empty at the end
   */
  List<Digest> digestsAfter(@Nullable Digest last) throws IOException;

  /** Gives back to the quota what somebody has removed with a whole folder. */
  default void forgetRemoved() {}

  /** Why a stored blob cannot be read, for health; empty as soon as it can, or was replaced. */
  Optional<String> trouble();
}
