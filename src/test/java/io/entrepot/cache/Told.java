package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.OciException;
import java.util.concurrent.CompletableFuture;

/** What a client is told in the end. */
public final class Told {
  private Told() {}

  /** The failure of an answer that is there. */
  public static OciException failureOf(CompletableFuture<?> answer) {
    assertThat(answer).isCompletedExceptionally();
    Throwable failure = answer.handle((value, e) -> e).join();
    Throwable told = ClientErrors.unwrapped(failure);
    assertThat(told).isInstanceOf(OciException.class);
    return (OciException) told;
  }

  /** The answer that is there. */
  public static <T> T answer(CompletableFuture<T> answer) {
    assertThat(answer).isDone();
    return answer.join();
  }
}
