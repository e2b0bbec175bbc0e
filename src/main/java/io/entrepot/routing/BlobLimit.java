package io.entrepot.routing;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import java.util.function.ToLongFunction;

/**
 * How large a blob may be to be fetched. What is here already is served whatever its size.
 *
 * @param bytes by repository; 0 for no limit
 */
public record BlobLimit(ToLongFunction<RepositoryName> bytes) {

  /** None anywhere. */
  public static BlobLimit none() {
    return new BlobLimit(repository -> 0);
  }

  /**
   * Refuses a blob that is too large.
   *
   * @param size in bytes, as far as it is known; a negative one passes
   * @throws OciException with {@code DENIED}, naming the limit
   */
  public void check(RepositoryName repository, Digest digest, long size) {
    long limit = bytes.applyAsLong(repository);
    if (limit > 0 && size > limit) {
      throw new OciException(
          OciError.DENIED,
          "blob "
              + digest
              + " has at least "
              + size
              + " bytes, and "
              + limit
              + " are allowed in "
              + repository);
    }
  }
}
