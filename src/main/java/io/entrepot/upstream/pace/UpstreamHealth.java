package io.entrepot.upstream.pace;

import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the latest calls say of the upstream as a whole: that it cannot be reached, or refuses our
 * credentials. A blob that it does not have, or does not let us have, says nothing. Thread-safe.
 */
public final class UpstreamHealth {
  private final AtomicReference<@Nullable UpstreamException> trouble = new AtomicReference<>();

  void succeeded() {
    trouble.set(null);
  }

  /**
   * A call has failed.
   *
   * @param general whether the call was about the upstream itself, not about something it has
   */
  void failed(UpstreamException failure, boolean general) {
    if (general || isSilence(failure)) {
      trouble.set(failure);
    } else {
      trouble.updateAndGet(before -> before != null && isSilence(before) ? null : before);
    }
  }

  private static boolean isSilence(UpstreamException e) {
    return e.failure() == Failure.UNREACHABLE || e.failure() == Failure.TIMEOUT;
  }

  public Optional<String> trouble() {
    return Optional.ofNullable(trouble.get()).map(Throwable::getMessage);
  }
}
