package io.entrepot.routing;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;

/**
 * How blobs of one upstream are fetched. What is stored already is served whatever its size.
 *
 * @param maxSize how large a blob may be to be fetched, in bytes; 0 for any size
 * @param finishFrom how much of a blob must be here, in percent, for its fill to go on when all
 *     clients have left it (F16); 0 lets every fill go on
 */
public record BlobRules(long maxSize, int finishFrom) {
  /** Blobs of any size, all of them fetched to their end. */
  public static final BlobRules ALL = new BlobRules(0, 0);

  /**
   * Refuses a blob that is too large.
   *
   * @param size in bytes, as far as it is known; a negative one passes
   * @throws OciException with {@code DENIED}, naming the limit
   */
  void check(RepositoryName repository, Digest digest, long size) {
    if (maxSize > 0 && size > maxSize) {
      throw new OciException(
          OciError.DENIED,
          "blob %s has at least %d bytes, and %d are allowed in %s"
              .formatted(digest, size, maxSize, repository));
    }
  }

  /**
   * Whether a fill that nobody reads goes on.
   *
   * @param written how many bytes are here
   * @param size of the whole blob in bytes; where it is unknown, negative, the fill goes on
   */
  public boolean goesOn(long written, long size) {
    return written >= size / 100.0 * finishFrom;
  }
}
