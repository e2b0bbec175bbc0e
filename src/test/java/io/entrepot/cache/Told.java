package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.OciException;
import java.util.concurrent.CompletableFuture;

/** Reads the results of futures that are complete. */
public final class Told {
  private Told() {}

  /** The failure of a future that has failed. */
  public static OciException failureOf(CompletableFuture<?> answer) {
    assertThat(answer).isCompletedExceptionally();
    Throwable failure = answer.handle((value, e) -> e).join();
    Throwable told = ClientErrors.unwrapped(failure);
    assertThat(told).isInstanceOf(OciException.class);
    return (OciException) told;
  }

  /** The result of a future that has succeeded. */
  public static <T> T answer(CompletableFuture<T> answer) {
    assertThat(answer).isDone();
    return answer.join();
  }
}
