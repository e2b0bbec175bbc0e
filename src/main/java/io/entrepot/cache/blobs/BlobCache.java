package io.entrepot.cache.blobs;

import io.entrepot.cache.Absences;
import io.entrepot.cache.Asks;
import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.LocalContent;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RangeSpec;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.BlobLimit;
import io.entrepot.store.BlobGoneException;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The front door to blobs: hit, join or miss. Nothing here blocks; what must ask the upstream runs
 * on the executors. Thread-safe.
 */
public final class BlobCache {
  /**
   * A range that begins further beyond the watermark than this is fetched apart: waiting for 8 MiB
   * is less than a second on any upstream worth having.
   */
  static final long FAR_AHEAD = 8L << 20;

  /** A fill may end, or be evicted, between two looks; more often than this it is not chance. */
  private static final int MAX_LOOKS = 4;

  private final LocalContent shelf;
  private final Upstream upstream;
  private final Fills fills;
  private final Asks asks;
  private final Absences absences;
  private final BlobLimit limit;
  private final Clock clock;
  private final InFlightBlobs inFlight;

  /**
   * @param fills runs fills; its limit bounds how many are under way
   * @param asks runs short questions to the upstream
   * @param absences are not asked about again
   * @param limit is refused before it is downloaded
   */
  public BlobCache(
      LocalContent shelf,
      Upstream upstream,
      InFlightBlobs inFlight,
      Fills fills,
      Asks asks,
      Absences absences,
      BlobLimit limit,
      Clock clock) {
    this.shelf = shelf;
    this.upstream = upstream;
    this.inFlight = inFlight;
    this.fills = fills;
    this.asks = asks;
    this.absences = absences;
    this.limit = limit;
    this.clock = clock;
  }

  /**
   * Finds a blob that is here and that this repository may have. No upstream request.
   *
   * @throws OciException when that cannot be checked
   */
  public Optional<LinkedBlob> find(RepositoryName repository, Digest digest) {
    return shelf.find(repository, digest, LinkKind.BLOB);
  }

  /**
   * Gets a blob that {@link #find} did not find: joins the fill under way, or begins one.
   *
   * @param range the one range wanted, or null for all
   * @param cost counts the upstream requests made for this client
   * @return fails with an {@link OciException}; the receiver closes the delivery's reader
   */
  public CompletableFuture<BlobDelivery> fetch(
      RepositoryName repository, Digest digest, @Nullable RangeSpec range, Cost cost) {
    return look(new Wish(repository, digest, range, cost), MAX_LOOKS);
  }

  /** What one client wants. */
  record Wish(RepositoryName repository, Digest digest, @Nullable RangeSpec range, Cost cost) {
    @Nullable ByteRange resolve(long size) {
      return range == null ? null : range.resolve(size);
    }
  }

  private CompletableFuture<BlobDelivery> look(Wish wish, int looksLeft) {
    if (looksLeft == 0) {
      return CompletableFuture.failedFuture(
          new OciException(
              OciError.UNAVAILABLE,
              "blob " + wish.digest() + " came and went while it was asked for",
              ClientErrors.SOON,
              null));
    }
    InFlightBlob flight = inFlight.find(wish.digest());
    if (flight != null) {
      return joinIfAuthorised(flight, wish, looksLeft);
    }
    if (shelf.mustVerify(wish.repository(), wish.digest())) {
      return verifyAndDeliver(wish, looksLeft);
    }
    if (shelf.findLink(wish.repository(), wish.digest(), LinkKind.BLOB).isEmpty()
        && shelf.findBytes(wish.digest()).isPresent()) {
      return linkAndDeliver(wish, looksLeft);
    }
    Optional<OciException> absent = absences.find(question(wish.repository(), wish.digest()));
    if (absent.isPresent()) {
      return CompletableFuture.failedFuture(absent.get());
    }
    InFlightBlob mine = new InFlightBlob(wish.digest(), wish.repository(), clock.instant());
    if (!inFlight.enter(mine)) {
      return look(wish, looksLeft - 1);
    }
    // A fill that ended between the caller's find and the entry above has left its blob by now: it
    // leaves the map only after it has linked what it brought.
    Optional<LinkedBlob> stored = find(wish.repository(), wish.digest());
    if (stored.isPresent()) {
      inFlight.leave(mine);
      mine.withdraw();
      return deliver(stored.get(), wish, CacheOutcome.HIT, looksLeft);
    }
    fills.begin(mine, wish.cost(), () -> inFlight.leave(mine));
    CompletableFuture<BlobDelivery> joined = join(mine, wish, CacheOutcome.MISS, looksLeft);
    noteIfAbsent(mine);
    return joined;
  }

  private void noteIfAbsent(InFlightBlob flight) {
    var unused =
        flight
            .started()
            .exceptionally(
                failure -> {
                  String question = question(flight.owner(), flight.digest());
                  absences.note(flight.owner(), question, failure);
                  return 0L;
                });
  }

  private CompletableFuture<BlobDelivery> joinIfAuthorised(
      InFlightBlob flight, Wish wish, int looksLeft) {
    RepositoryName repository = wish.repository();
    if (flight.authorised().contains(repository)) {
      return join(flight, wish, CacheOutcome.JOINED, looksLeft);
    }
    if (shelf.findLink(repository, wish.digest(), LinkKind.BLOB).isPresent()) {
      flight.authorised().add(repository);
      return join(flight, wish, CacheOutcome.JOINED, looksLeft);
    }
    return askForBlob(repository, wish.digest(), wish.cost())
        .thenCompose(
            size -> {
              flight.authorised().add(repository);
              // A fill that has linked its blob already has not seen this repository.
              return linkExisting(repository, wish.digest(), size);
            })
        .thenCompose(
            linked ->
                linked
                    .map(stored -> deliver(stored, wish, CacheOutcome.REVALIDATED, looksLeft))
                    .orElseGet(() -> join(flight, wish, CacheOutcome.JOINED, looksLeft)));
  }

  private CompletableFuture<BlobDelivery> join(
      InFlightBlob flight, Wish wish, CacheOutcome outcome, int looksLeft) {
    return flight
        .started()
        .handle(Start::new)
        .thenCompose(
            start -> {
              if (start.size() != null) {
                return joinStarted(flight, start.size(), wish, outcome, looksLeft);
              }
              // The upstream may have refused the repository that asked first, and not this one.
              boolean another = !flight.owner().equals(wish.repository());
              return another || flight.isWithdrawn()
                  ? look(wish, looksLeft - 1)
                  : CompletableFuture.failedFuture(start.reason());
            });
  }

  private record Start(@Nullable Long size, @Nullable Throwable failure) {
    Throwable reason() {
      return failure == null
          ? new IllegalStateException("no size")
          : ClientErrors.unwrapped(failure);
    }
  }

  private CompletableFuture<BlobDelivery> joinStarted(
      InFlightBlob flight, long size, Wish wish, CacheOutcome outcome, int looksLeft) {
    ByteRange range = wish.resolve(size);
    if (range != null && range.first() > flight.available() + FAR_AHEAD) {
      return fills
          .fetchApart(wish.repository(), wish.digest(), range, wish.cost())
          .exceptionallyCompose(failure -> follow(flight, size, range, wish, outcome, looksLeft));
    }
    return follow(flight, size, range, wish, outcome, looksLeft);
  }

  private CompletableFuture<BlobDelivery> follow(
      InFlightBlob flight,
      long size,
      @Nullable ByteRange range,
      Wish wish,
      CacheOutcome outcome,
      int looksLeft) {
    BlobReader reader = flight.join(range, size);
    if (reader != null) {
      return CompletableFuture.completedFuture(
          new BlobDelivery(reader, size, range, outcome, flight.begunAt()));
    }
    if (flight.isAbandoned()) {
      return flight.failed().thenCompose(ended -> look(wish, looksLeft - 1));
    }
    if (!flight.canBeKept()) {
      return fetchUnkept(wish, looksLeft);
    }
    return find(wish.repository(), wish.digest())
        .map(stored -> deliver(stored, wish, CacheOutcome.HIT, looksLeft))
        .orElseGet(() -> look(wish, looksLeft - 1));
  }

  /** The disk fails and the fill under way has lost its beginning: this client gets its own. */
  private CompletableFuture<BlobDelivery> fetchUnkept(Wish wish, int looksLeft) {
    InFlightBlob apart = new InFlightBlob(wish.digest(), wish.repository(), clock.instant());
    fills.begin(apart, wish.cost(), () -> {});
    return join(apart, wish, CacheOutcome.MISS, looksLeft - 1);
  }

  /** The bytes are here for another repository: one question makes the link, nothing is fetched. */
  private CompletableFuture<BlobDelivery> linkAndDeliver(Wish wish, int looksLeft) {
    return askForBlob(wish.repository(), wish.digest(), wish.cost())
        .thenCompose(size -> linkExisting(wish.repository(), wish.digest(), size))
        .thenCompose(
            linked ->
                linked
                    .map(stored -> deliver(stored, wish, CacheOutcome.REVALIDATED, looksLeft))
                    .orElseGet(() -> look(wish, looksLeft - 1)));
  }

  /**
   * Links bytes that are here to a repository whose upstream has just given their size. Where the
   * two differ, one is wrong, and only the bytes themselves can tell which: they are read.
   *
   * @return empty where there are no bytes, or they had rotted
   */
  private CompletableFuture<Optional<LinkedBlob>> linkExisting(
      RepositoryName repository, Digest digest, long size) {
    boolean differs = shelf.findBytes(digest).filter(blob -> blob.size() != size).isPresent();
    CompletableFuture<Boolean> looked =
        differs ? verify(digest) : CompletableFuture.completedFuture(true);
    return looked.thenApply(sound -> shelf.linkExisting(repository, digest));
  }

  private CompletableFuture<Boolean> verify(Digest digest) {
    return asks.ask("sound:" + digest, () -> shelf.verify(digest));
  }

  /** The bytes have not been looked at for long: once for all who wait, then served or replaced. */
  private CompletableFuture<BlobDelivery> verifyAndDeliver(Wish wish, int looksLeft) {
    return verify(wish.digest())
        .thenCompose(
            sound ->
                find(wish.repository(), wish.digest())
                    .map(stored -> deliver(stored, wish, CacheOutcome.HIT, looksLeft))
                    .orElseGet(() -> look(wish, looksLeft - 1)));
  }

  private CompletableFuture<BlobDelivery> deliver(
      LinkedBlob stored, Wish wish, CacheOutcome outcome, int looksLeft) {
    try {
      return CompletableFuture.completedFuture(
          stored.open(wish.resolve(stored.blob().size()), outcome));
    } catch (BlobGoneException e) {
      return look(wish, looksLeft - 1);
    }
  }

  /**
   * Tells a blob's size without downloading it.
   *
   * @return fails with an {@link OciException}
   */
  public CompletableFuture<BlobSize> head(RepositoryName repository, Digest digest, Cost cost) {
    Optional<Link> link = shelf.findLink(repository, digest, LinkKind.BLOB);
    if (link.isPresent()) {
      BlobSize size = new BlobSize(link.get().size(), CacheOutcome.HIT, link.get().fetchedAt());
      return CompletableFuture.completedFuture(size);
    }
    return askForBlob(repository, digest, cost)
        .thenCompose(
            size ->
                linkExisting(repository, digest, size)
                    .thenApply(linked -> new BlobSize(size, CacheOutcome.MISS, clock.instant())));
  }

  private CompletableFuture<Long> askForBlob(RepositoryName repository, Digest digest, Cost cost) {
    String question = question(repository, digest);
    return absences.unlessKnown(
        repository,
        question,
        () -> asks.ask(repository, question, () -> askNow(repository, digest, cost)));
  }

  private long askNow(RepositoryName repository, Digest digest, Cost cost) {
    try {
      long size = upstream.headBlob(repository, digest, cost).size();
      limit.check(repository, digest, size);
      return size;
    } catch (UpstreamException e) {
      throw ClientErrors.of(e, OciError.BLOB_UNKNOWN);
    }
  }

  private static String question(RepositoryName repository, Digest digest) {
    return "blob:" + repository + "@" + digest;
  }
}
