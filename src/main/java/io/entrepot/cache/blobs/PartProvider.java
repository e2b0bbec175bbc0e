package io.entrepot.cache.blobs;

import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.ForwardedBody;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import java.util.OptionalLong;

/** Provides a range of a blob as if it were a blob of its own. */
record PartProvider(BlobProvider blob, ByteRange part) implements BlobProvider {
  @Override
  public Digest digest() {
    return blob.digest();
  }

  @Override
  public UpstreamBody fetch(FetchRange range) throws UpstreamException {
    FetchRange shifted = new FetchRange(part.first() + range.first(), part.last(), range.after());
    UpstreamBody body = blob.fetch(shifted);
    if (body.offset() < part.first()) {
      body.close();
      throw new OciException(
          OciError.UPSTREAM_FAILED, "the upstream does not send ranges of " + digest());
    }
    return new Shifted(body, part);
  }

  @Override
  public void checkSize(long size) {
    blob.checkSize(part.first() + size);
  }

  /** A body whose offsets count from the beginning of the part. */
  private record Shifted(UpstreamBody body, ByteRange part) implements ForwardedBody {
    @Override
    public long offset() {
      return body.offset() - part.first();
    }

    @Override
    public boolean isWhole() {
      return true;
    }

    @Override
    public OptionalLong blobSize() {
      return OptionalLong.of(part.length());
    }
  }
}
