package io.entrepot.cache.blobs;

import io.entrepot.cache.Question;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RangeSpec;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.spool.FillKey;
import org.jspecify.annotations.Nullable;

/**
 * The request of one client for a blob.
 *
 * @param range the one range wanted, or null for the whole blob
 */
record BlobRequest(PullRequest pull, Digest digest, @Nullable RangeSpec range) {
  RepositoryName repository() {
    return pull.repository();
  }

  Source source() {
    return pull.source();
  }

  /** The fill that this request may start or join: it belongs to the request's upstream. */
  FillKey key() {
    return new FillKey(source().upstream(), digest);
  }

  /**
   * The range in a blob of this size.
   *
   * @return null for the whole blob
   * @throws io.entrepot.oci.OciException where no byte of the blob is in the range
   */
  @Nullable ByteRange resolve(long size) {
    return range == null ? null : range.resolve(size);
  }

  Question question() {
    return new Question.OfBlob(repository(), digest).by(source());
  }
}
