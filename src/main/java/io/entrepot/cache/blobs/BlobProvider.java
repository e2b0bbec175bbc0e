package io.entrepot.cache.blobs;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.routing.Source;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;

/** Where a fill gets the bytes of one blob from. Used by one thread at a time. */
interface BlobProvider {
  /**
   * Begins to send; the bytes are not verified.
   *
   * @param range all of the blob, or a range of it; after a break, what is still missing
   * @return the caller closes it
   */
  UpstreamBody fetch(FetchRange range) throws UpstreamException;

  /**
   * Refuses a blob that is too large.
   *
   * @param size in bytes, as far as it is known; a negative one passes
   * @throws io.entrepot.oci.OciException with {@code DENIED}
   */
  void checkSize(long size);

  /**
   * The upstream of a source, and its mirrors.
   *
   * @param cost counts the requests
   */
  static BlobProvider of(Source source, Digest digest, Cost cost) {
    return new BlobProvider() {
      @Override
      public UpstreamBody fetch(FetchRange range) throws UpstreamException {
        return source.fetchBlob(digest, range, cost);
      }

      @Override
      public void checkSize(long size) {
        source.checkSize(digest, size);
      }
    };
  }
}
