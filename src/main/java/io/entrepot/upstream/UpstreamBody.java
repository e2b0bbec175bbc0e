package io.entrepot.upstream;

import java.io.Closeable;
import java.io.InputStream;
import java.net.URI;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A response whose body is not read yet. One thread reads; any thread may {@link #close}. */
public interface UpstreamBody extends Closeable {
  /**
   * The bytes as they arrive. A read fails with an {@link java.io.IOException} when the upstream
   * sends nothing for the idle timeout, resets the connection, or ends before the announced length.
   */
  InputStream stream();

  /**
   * Where in the blob the body begins: the offset that was asked for, or 0 where the upstream sends
   * the whole blob.
   */
  long offset();

  /** Whether it is the whole blob (200), whatever was asked for. */
  boolean isWhole();

  /** The size of the whole blob in bytes, where the upstream says. */
  OptionalLong blobSize();

  /** Whether the answer says its length. Without one, a part may turn out to be the whole blob. */
  boolean hasLength();

  /** Who sends it: the URL of the upstream or of a mirror. */
  URI source();

  /** Host and port of who sends it: also those to which the upstream has redirected. */
  String server();

  /** The upstream's strong {@code ETag} for {@code If-Range}, or null. */
  @Nullable String etag();

  /** Whether it comes from a host to which the upstream has redirected the request. */
  boolean isOfTarget();

  /** What a {@link FetchRange} must know to continue this response. */
  default BrokenResponse asBroken() {
    return new BrokenResponse(source(), etag(), blobSize());
  }

  /** Ends the response at once; a connection with unread bytes is not reused. */
  @Override
  void close();
}
