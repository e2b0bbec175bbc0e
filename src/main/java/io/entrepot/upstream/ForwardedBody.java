package io.entrepot.upstream;

import java.io.InputStream;
import java.net.URI;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A body that tells what another one tells, except for what the implementation overrides. */
public interface ForwardedBody extends UpstreamBody {
  /** The other one. */
  UpstreamBody body();

  @Override
  default InputStream stream() {
    return body().stream();
  }

  @Override
  default long offset() {
    return body().offset();
  }

  @Override
  default boolean isWhole() {
    return body().isWhole();
  }

  @Override
  default OptionalLong blobSize() {
    return body().blobSize();
  }

  @Override
  default boolean hasLength() {
    return body().hasLength();
  }

  @Override
  default URI source() {
    return body().source();
  }

  @Override
  default String server() {
    return body().server();
  }

  @Override
  default @Nullable String etag() {
    return body().etag();
  }

  @Override
  default boolean isOfTarget() {
    return body().isOfTarget();
  }

  @Override
  default BrokenResponse asBroken() {
    return body().asBroken();
  }

  @Override
  default void close() {
    body().close();
  }
}
