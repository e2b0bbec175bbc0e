package io.entrepot.routing;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import java.util.function.Supplier;

/**
 * The rules for fetching blobs of one upstream. Stored blobs are served in any size.
 *
 * @param maxSize the largest blob that is fetched, in bytes; 0 for no limit
 * @param finishFrom if all clients have left, a fill continues only if this part of the blob, in
 *     percent, has arrived (F16); 0 lets every fill continue
 * @param eager what is fetched before clients ask for it
 * @param parts in which parts a large blob is fetched
 */
public record BlobRules(long maxSize, int finishFrom, Eager eager, Parts parts) {
  /** No limit of the size; every fill continues to its end; nothing is fetched unasked. */
  public static final BlobRules ALL = new BlobRules(0, 0, Eager.NONE, Parts.ONE_AFTER_ANOTHER);

  /**
   * The parts in which a large blob is fetched.
   *
   * @param parallel how many connections fetch one blob at once, at most; 1 or more
   * @param length how many bytes are asked for at a time, where the upstream sends parts
   */
  public record Parts(int parallel, long length) {
    /** One connection, and parts of the usual length. */
    public static final Parts ONE_AFTER_ANOTHER = new Parts(1, 16L << 20);
  }

  /** What is fetched as soon as a client pulls a manifest. */
  public enum Eager {
    NONE,
    /** The configuration of the image. */
    CONFIG,
    /** The configuration and the layers. */
    LAYERS
  }

  /**
   * Refuses a blob that is too large.
   *
   * @param size the known size in bytes; negative if unknown, which is not refused
   * @throws OciException with {@code DENIED}; the message names the limit
   */
  void check(Supplier<RepositoryName> repository, Digest digest, long size) {
    if (maxSize > 0 && size > maxSize) {
      throw new OciException(
          OciError.DENIED,
          "blob %s has at least %d bytes; at most %d are allowed in %s"
              .formatted(digest, size, maxSize, repository.get()));
    }
  }

  /**
   * Whether a fill without clients continues.
   *
   * @param written how many bytes have arrived
   * @param size the size of the whole blob in bytes; negative if unknown, then the fill continues
   */
  public boolean goesOn(long written, long size) {
    return written >= size / 100.0 * finishFrom;
  }
}
