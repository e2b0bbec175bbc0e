package io.entrepot.cache.prefetch;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Reference;
import io.entrepot.routing.Source;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An image that is fetched before somebody asks for it. Thread-safe. */
public final class PrefetchJob {
  /** How many platforms a wish may name. */
  public static final int MAX_PLATFORMS = 20;

  private static final Pattern PLATFORM =
      Pattern.compile("[a-z0-9._-]{1,64}/[a-z0-9._-]{1,64}(?:/[a-z0-9._-]{1,64})?");

  private final Wish wish;
  private final long id;
  private final Instant created;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong bytesHere = new AtomicLong();
  private volatile State state = State.WAITING;
  private volatile @Nullable String why;

  /**
   * What is wished.
   *
   * @param reference the image, as the person has written it
   * @param wanted its tag or digest
   * @param source what its name leads to
   * @param platforms which manifests of an index, such as {@code linux/amd64}; empty for all
   * @param referrers whether signatures and others that refer to the image come too
   */
  public record Wish(
      String reference,
      Reference wanted,
      Source source,
      List<String> platforms,
      boolean referrers) {
    public Wish {
      platforms = List.copyOf(platforms);
    }

    /**
     * What an image is wished for.
     *
     * @throws OciException if no upstream admits it
     */
    public static Wish of(
        ImageReference image, Source source, List<String> platforms, boolean referrers) {
      source.checkAdmitted();
      return new Wish(image.toString(), image.reference(), source, platforms, referrers);
    }
  }

  /** Whether these are a few platforms, such as {@code linux/arm64/v8}. */
  public static boolean arePlatforms(List<String> texts) {
    return texts.size() <= MAX_PLATFORMS
        && texts.stream().allMatch(text -> PLATFORM.matcher(text).matches());
  }

  /** How far a job is. */
  public enum State {
    WAITING,
    RUNNING,
    DONE,
    FAILED,
    CANCELLED;

    boolean isOver() {
      return compareTo(RUNNING) > 0;
    }
  }

  PrefetchJob(long id, Wish wish, Instant created) {
    this.id = id;
    this.wish = wish;
    this.created = created;
  }

  public long id() {
    return id;
  }

  public Wish wish() {
    return wish;
  }

  public Instant created() {
    return created;
  }

  public State state() {
    return state;
  }

  /** How many bytes of blobs it needs, as far as its manifests are known. */
  public long bytes() {
    return bytes.get();
  }

  /** How many of these bytes are here. */
  public long bytesHere() {
    return bytesHere.get();
  }

  /** Why it has failed; null if it has not. */
  public @Nullable String why() {
    return why;
  }

  void needs(long more) {
    bytes.addAndGet(more);
  }

  void has(long more) {
    bytesHere.addAndGet(more);
  }

  synchronized boolean begin() {
    if (state != State.WAITING) {
      return false;
    }
    state = State.RUNNING;
    return true;
  }

  synchronized boolean end(State last, @Nullable String reason) {
    if (state.isOver()) {
      return false;
    }
    state = last;
    why = reason;
    return true;
  }

  boolean isCancelled() {
    return state == State.CANCELLED;
  }
}
