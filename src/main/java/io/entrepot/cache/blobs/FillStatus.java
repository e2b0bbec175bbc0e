package io.entrepot.cache.blobs;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import java.time.Instant;

/**
 * How far a fill is, for people.
 *
 * @param name what is filled, and for whom
 * @param begunAt the time of the first request
 * @param size in bytes, or {@link #UNKNOWN}
 * @param here how many bytes clients can read
 * @param rate how many bytes a second have come, since the upstream answered
 * @param readers how many clients read it now
 */
public record FillStatus(Name name, Instant begunAt, long size, long here, long rate, int readers) {
  /** The size before the upstream has told it. */
  public static final long UNKNOWN = -1;

  /**
   * What is filled.
   *
   * @param upstream the name of the upstream that it comes from
   * @param repository the repository of the first request, by its name in this cache
   */
  public record Name(Digest digest, String upstream, RepositoryName repository) {}
}
