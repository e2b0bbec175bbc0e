package io.entrepot.expiry;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Images;
import io.entrepot.catalog.Removal;
import io.entrepot.catalog.RepositoryRange;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes room by removing whole images, those first that were not used for longest. It removes
 * nothing that is pinned, read, or filled at the moment, and no blob whose manifest stays.
 *
 * <p>The links of an image go first, in one transaction. Its files go a moment later, when no
 * response is about to open them any more. If the process dies in between, the blobs are without a
 * link, and go with their leases or when room is made again.
 *
 * <p>One thread runs {@link #makeRoom}. The other methods are safe for concurrent use.
 */
public final class ImageRemover {
  private static final Logger log = LoggerFactory.getLogger(ImageRemover.class);

  /** How many images are looked for at once. */
  private static final int PAGE = 100;

  /** How many images go before their files are deleted: a few megabytes of digests. */
  private static final int MAX_IMAGES = 1_000;

  /** How often a page of images is put in order: each time the images of one more page may come. */
  private static final int MAX_REORDERINGS = 100;

  /**
   * The longest time between the last use of a blob and the removal of its file. The use is noted
   * before the file is opened, which a server does within moments.
   */
  private static final Duration MAX_GRACE = Duration.ofSeconds(5);

  private final Catalog catalog;
  private final Evictor evictor;
  private final Retention retention;
  private final InUse inUse;
  private final Waits waits;
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong images = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean stopped;

  /**
   * What must not go at the moment.
   *
   * @param filling tells all digests that are being filled
   * @param isRead whether a client reads a blob
   */
  public record InUse(Supplier<Set<Digest>> filling, Predicate<Digest> isRead) {}

  /** Waits on the calling thread. */
  @FunctionalInterface
  public interface Waits {
    void waitFor(Duration duration) throws InterruptedException;
  }

  /**
   * Wires the collaborators.
   *
   * @param retention tells what is pinned
   */
  public ImageRemover(
      Catalog catalog, Evictor evictor, Retention retention, InUse inUse, Waits waits) {
    this.catalog = catalog;
    this.evictor = evictor;
    this.retention = retention;
    this.inUse = inUse;
    this.waits = waits;
  }

  /**
   * Removes images until so many bytes have come back, or a batch of images is gone.
   *
   * @return how many bytes have come back; 0 if nothing may go
   * @throws IOException when a file cannot be removed
   */
  public long makeRoom(long wanted) throws IOException, InterruptedException {
    return makeRoom(wanted, null);
  }

  /**
   * As {@link #makeRoom(long)}, in the repositories of one upstream. What other upstreams have too
   * stays with them, and counts as gone.
   *
   * @param range the repositories; null for all
   */
  public long makeRoom(long wanted, @Nullable RepositoryRange range)
      throws IOException, InterruptedException {
    catalog.flush();
    Map<Digest, Removal> removed = new LinkedHashMap<>();
    if (!unlinkImages(new Wanted(wanted, range, false), removed)) {
      // Nothing is left but what refers to images that stay.
      var unused = unlinkImages(new Wanted(wanted, range, true), removed);
    }
    if (removed.isEmpty()) {
      return 0;
    }
    long freed = deleteAll(removed);
    return range == null ? freed : sum(removed, Removal::size);
  }

  private static long sum(Map<Digest, Removal> removed, ToLongFunction<Removal> bytes) {
    return removed.values().stream().mapToLong(bytes).sum();
  }

  /** Deletes the files of images that have no links any more, after a moment. */
  private long deleteAll(Map<Digest, Removal> removed) throws IOException, InterruptedException {
    long unlinked = sum(removed, Removal::bytes);
    waiting.addAndGet(unlinked);
    try {
      waits.waitFor(grace());
      catalog.flush();
      long freed = 0;
      Set<Digest> seen = new HashSet<>(); // what refers to an image may have been removed before it
      for (Removal image : removed.values()) {
        freed += delete(image, seen);
      }
      images.addAndGet(removed.size());
      bytes.addAndGet(freed);
      log.info("Made room: {} images and {} bytes are gone", removed.size(), freed);
      return freed;
    } finally {
      waiting.addAndGet(-unlinked);
    }
  }

  private Duration grace() {
    Duration grace = retention.unlinkGrace();
    return grace.compareTo(MAX_GRACE) < 0 ? grace : MAX_GRACE;
  }

  /**
   * What is wanted.
   *
   * @param range whose images go; null for those of all repositories
   * @param referrers whether those may go whose subject stays
   */
  private record Wanted(long bytes, @Nullable RepositoryRange range, boolean referrers) {
    long found(Removal plan) {
      return range == null ? plan.bytes() : plan.size();
    }
  }

  /**
   * Unlinks images until they have so many bytes.
   *
   * @return whether that is enough
   */
  private boolean unlinkImages(Wanted wanted, Map<Digest, Removal> removed) {
    Set<Digest> filling = inUse.filling().get();
    long found = sum(removed, wanted::found);
    Images.@Nullable Image last = null;
    do {
      Page page = pageAfter(wanted.range(), last);
      for (Removal plan : page.plans()) {
        if (stopped || found >= wanted.bytes() || removed.size() >= MAX_IMAGES) {
          return true;
        }
        if (!removed.containsKey(plan.image())
            && (wanted.referrers() || !plan.isReferrer())
            && mayGo(plan, filling)
            && catalog.images().remove(plan, retention::isPinned)) {
          removed.put(plan.image(), plan);
          found += wanted.found(plan);
        }
      }
      last = page.last();
    } while (last != null && !stopped);
    return stopped;
  }

  /**
   * Some images in the order of their last use.
   *
   * @param plans what would go with each, without those that are pinned
   * @param last the last of them, pinned or not; null if there is none
   */
  private record Page(List<Removal> plans, Images.@Nullable Image last) {}

  /**
   * The next images in the order of their last use. An image of which a part was used later than
   * itself gets its place first.
   */
  private Page pageAfter(@Nullable RepositoryRange range, Images.@Nullable Image after) {
    Page page = new Page(List.of(), after);
    for (int attempt = 0; attempt < MAX_REORDERINGS; attempt++) {
      boolean inOrder = true;
      List<Images.Image> images = catalog.images().leastUsed(range, after, PAGE);
      Set<Digest> pinned =
          catalog
              .images()
              .kept(images.stream().map(Images.Image::digest).toList(), range, retention::isPinned);
      List<Removal> plans = new ArrayList<>();
      for (Images.Image image : images) {
        if (pinned.contains(image.digest())) {
          continue;
        }
        Removal plan = catalog.images().removal(image.digest(), range, retention::isPinned);
        plans.add(plan);
        if (plan.usedAt() > image.usedAt()) {
          catalog.images().rank(image.digest(), plan.usedAt());
          inOrder = false;
        }
      }
      page = new Page(plans, images.isEmpty() ? null : images.get(images.size() - 1));
      if (inOrder || stopped) {
        return page;
      }
    }
    return page;
  }

  private boolean mayGo(Removal plan, Set<Digest> filling) {
    return !plan.isEmpty() // else it is pinned
        && plan.awaited().stream().noneMatch(filling::contains)
        && plan.digests().stream()
            .noneMatch(digest -> filling.contains(digest) || inUse.isRead().test(digest));
  }

  /**
   * Deletes the files of an image. One that was used meanwhile, by a request that had found it
   * before, goes after the usual grace.
   */
  private long delete(Removal image, Set<Digest> seen) throws IOException {
    Set<Digest> used = catalog.images().usedSince(image.digests(), image.usedAt());
    long freed = 0;
    for (Removal.Part part : image.parts()) {
      Digest digest = part.digest();
      if (!seen.add(digest)) {
        continue;
      }
      if (used.contains(digest) || inUse.isRead().test(digest) || !evictor.removeNow(digest)) {
        evictor.unlinked(List.of(digest));
      } else {
        freed += part.size();
      }
    }
    return freed;
  }

  /**
   * What was removed so far.
   *
   * @param images how many images
   * @param bytes how many bytes have come back
   * @param waiting how many bytes have no link any more, and wait for their removal
   */
  public record Removed(long images, long bytes, long waiting) {}

  /** What was removed so far. */
  public Removed removed() {
    return new Removed(images.get(), bytes.get(), waiting.get());
  }

  /** Makes a running {@link #makeRoom} return soon. */
  public void stop() {
    stopped = true;
  }
}
