package io.entrepot.upstream;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A body from a place that is no registry: the bucket, or another node. It is just what was asked
 * for.
 *
 * @param range what was asked for
 * @param size of the whole blob in bytes
 * @param server who sends it, in the words of a message
 * @param end closes the response
 */
public record SentPart(
    InputStream stream, FetchRange range, long size, URI source, String server, Closeable end)
    implements UpstreamBody {
  private static final Logger log = LoggerFactory.getLogger(SentPart.class);

  @Override
  public long offset() {
    return range.first();
  }

  @Override
  public boolean isWhole() {
    return range.isWhole();
  }

  @Override
  public OptionalLong blobSize() {
    return OptionalLong.of(size);
  }

  @Override
  public boolean hasLength() {
    return true;
  }

  @Override
  public @Nullable String etag() {
    return null;
  }

  @Override
  public boolean isOfTarget() {
    return false;
  }

  @Override
  public void close() {
    try {
      end.close();
    } catch (IOException e) {
      log.debug("A body of {} was not closed in order", server, e);
    }
  }
}
