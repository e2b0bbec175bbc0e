package io.entrepot.cache.blobs;

import io.entrepot.cache.blobs.FillClaims.Claim;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.routing.Source;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import java.util.Optional;

/** Provides the bytes of one blob to a fill. Used by one thread at a time. */
interface BlobProvider {
  /** The digest of the blob. */
  Digest digest();

  /**
   * Begins to fetch. The bytes are not verified.
   *
   * @param range the whole blob or a range of it; after an interruption, the missing rest
   * @return the body; the caller closes it
   */
  UpstreamBody fetch(FetchRange range) throws UpstreamException;

  /**
   * Refuses a blob that is too large.
   *
   * @param size the known size in bytes; negative if unknown, which is not refused
   * @throws io.entrepot.oci.OciException with {@code DENIED}
   */
  void checkSize(long size);

  /** Who sends the bytes of a blob. */
  enum Sender {
    UPSTREAM,
    /** The store, which has it, though not near. */
    STORE,
    /** Another node of the cluster. */
    NODE
  }

  /** Who sends the bytes now. */
  default Sender sender() {
    return Sender.UPSTREAM;
  }

  /** The claim of the node that sends the bytes now; empty if no other node does. */
  default Optional<Claim> followed() {
    return Optional.empty();
  }

  /** All bytes have come, and did not hash to the digest. */
  default void wasWrong() {}

  /**
   * The fill has ended. Nothing is fetched any more.
   *
   * @param stored whether its blob is in the store
   */
  default void end(boolean stored) {}

  /**
   * A provider that fetches from the upstream of a source and its mirrors.
   *
   * @param cost counts the requests
   */
  static BlobProvider of(Source source, Digest digest, Cost cost) {
    return new BlobProvider() {
      @Override
      public Digest digest() {
        return digest;
      }

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
