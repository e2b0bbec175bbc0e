package io.entrepot.routing;

import io.entrepot.oci.RepositoryName;
import java.util.function.ToIntFunction;

/**
 * How much of a blob must be here for its fill to go on when all clients have left it (F16).
 *
 * @param percent by repository, 0 to 100; 0 lets every fill go on
 */
public record FinishShare(ToIntFunction<RepositoryName> percent) {

  /**
   * Whether a fill that nobody reads goes on.
   *
   * @param written how many bytes are here
   * @param size of the whole blob in bytes; an unknown, negative one goes on
   */
  public boolean isReached(RepositoryName repository, long written, long size) {
    return written >= size / 100.0 * percent.applyAsInt(repository);
  }
}
