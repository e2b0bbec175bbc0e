package io.entrepot.cache.blobs;

import io.entrepot.cache.ClientErrors;
import io.entrepot.memory.Allowance;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.FillKey;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The in-flight map: all blobs that are being filled, one fill for each upstream and digest. It has
 * at most as many entries as the fill executor has threads and places in its queue, and as its
 * allowance lets it. Thread-safe.
 */
public final class InFlightBlobs {
  /** A fill with its names, futures and first client. More repositories are seldom many. */
  private static final int WEIGHT = 4 << 10;

  private final ConcurrentMap<FillKey, InFlightBlob> blobs = new ConcurrentHashMap<>();
  private final Allowance allowance;

  /**
   * Begins empty.
   *
   * @param allowance for the fills that run or wait
   */
  public InFlightBlobs(Allowance allowance) {
    this.allowance = allowance;
  }

  /**
   * Whether this digest is being filled by any upstream. Then it must not be evicted (F18). Looks
   * at all entries, because only expiry asks.
   */
  public boolean contains(Digest digest) {
    return blobs.keySet().stream().anyMatch(key -> key.digest().equals(digest));
  }

  /** Whether a blob is being filled that a repository waits for. Looks at all entries. */
  public boolean isFilledFor(RepositoryName repository) {
    return blobs.values().stream().anyMatch(blob -> blob.isAuthorised(repository));
  }

  /** All digests that are being filled. */
  public Set<Digest> digests() {
    return blobs.keySet().stream().map(FillKey::digest).collect(Collectors.toSet());
  }

  /** The number of running and waiting fills. */
  public int size() {
    return blobs.size();
  }

  /** How far the fills are, for people: those of some repositories, the oldest first. */
  public List<FillStatus> status(Predicate<RepositoryName> shown, int max, Instant now) {
    return blobs.values().stream()
        .filter(blob -> shown.test(blob.source().repository()))
        .sorted(Comparator.comparing(InFlightBlob::begunAt))
        .limit(max)
        .map(blob -> blob.status(now))
        .toList();
  }

  @Nullable InFlightBlob find(FillKey key) {
    return blobs.get(key);
  }

  /**
   * Adds a blob before its fill begins.
   *
   * @return false if another fill with the same key is in the map
   * @throws OciException with {@code UNAVAILABLE} if too many blobs wait
   */
  boolean enter(InFlightBlob blob) {
    if (!allowance.take(WEIGHT)) {
      throw new OciException(
          OciError.UNAVAILABLE, "too many blobs wait for the upstream", ClientErrors.SOON, null);
    }
    boolean entered = blobs.putIfAbsent(blob.key(), blob) == null;
    if (!entered) {
      allowance.giveBack(WEIGHT);
    }
    return entered;
  }

  void leave(InFlightBlob blob) {
    if (blobs.remove(blob.key(), blob)) {
      allowance.giveBack(WEIGHT);
    }
  }
}
