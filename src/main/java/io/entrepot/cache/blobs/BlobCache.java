package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.Question;
import io.entrepot.cache.Questions;
import io.entrepot.cache.SingleFlight;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RangeSpec;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.store.BlobGoneException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Blobs for clients: a hit from the store, a join of the fill under way, or a miss that begins one.
 * Nothing here blocks its caller: the database is asked on {@link Lookups}, the upstream on the
 * threads of the source. Thread-safe.
 */
public final class BlobCache {
  /**
   * A range that begins further beyond the watermark than this is fetched apart: waiting for 8 MiB
   * is less than a second on any upstream worth having.
   */
  static final long FAR_AHEAD = 8L << 20;

  /** A fill may end, or be evicted, between two looks; more often than this it is not chance. */
  private static final int MAX_LOOKS = 4;

  private final LocalContent content;
  private final InFlightBlobs inFlight;
  private final Fills fills;
  private final Questions questions;
  private final Lookups lookups;
  private final Clock clock;
  private final SingleFlight<Digest> verifications = new SingleFlight<>();

  /** Wires the collaborators. */
  public BlobCache(
      LocalContent content,
      InFlightBlobs inFlight,
      Fills fills,
      Questions questions,
      Lookups lookups,
      Clock clock) {
    this.content = content;
    this.inFlight = inFlight;
    this.fills = fills;
    this.questions = questions;
    this.lookups = lookups;
    this.clock = clock;
  }

  /**
   * Finds a blob that is stored and that the repository is known to have, and counts this as a use.
   * Asks memory and the store, never the database or the upstream.
   */
  public Optional<LinkedBlob> find(PullRequest pull, Digest digest) {
    return content.findKnown(pull.repository(), digest, LinkKind.BLOB);
  }

  /**
   * Gets a blob that {@link #find} did not find: from the store after all, from the fill under way,
   * or from one that begins now.
   *
   * @param range the one range wanted, or null for all
   * @return fails with an {@link OciException}; the receiver closes the delivery's reader
   */
  public CompletableFuture<BlobDelivery> fetch(
      PullRequest pull, Digest digest, @Nullable RangeSpec range) {
    Wish wish = new Wish(pull, digest, range);
    InFlightBlob flight = inFlight.find(digest);
    return flight != null && flight.isAuthorised(pull.repository())
        ? join(flight, wish, CacheOutcome.JOINED, MAX_LOOKS)
        : look(wish, MAX_LOOKS);
  }

  /** What one client wants. */
  private record Wish(PullRequest pull, Digest digest, @Nullable RangeSpec range) {
    RepositoryName repository() {
      return pull.repository();
    }

    @Nullable ByteRange resolve(long size) {
      return range == null ? null : range.resolve(size);
    }

    Question question() {
      return new Question.OfBlob(repository(), digest);
    }
  }

  private CompletableFuture<BlobDelivery> look(Wish wish, int looksLeft) {
    return looksLeft == 0
        ? CompletableFuture.failedFuture(
            new OciException(
                OciError.UNAVAILABLE,
                "blob " + wish.digest() + " came and went while it was asked for",
                ClientErrors.SOON,
                null))
        : lookups.begin(() -> lookNow(wish, looksLeft));
  }

  /** Asks the database once. */
  private CompletableFuture<BlobDelivery> lookNow(Wish wish, int looksLeft) {
    InFlightBlob flight = inFlight.find(wish.digest());
    if (flight != null) {
      return joinIfAuthorised(flight, wish, looksLeft);
    }
    Optional<Link> link = content.findLink(wish.repository(), wish.digest(), LinkKind.BLOB);
    if (link.isPresent() && content.mustVerify(link.get())) {
      return verifyAndDeliver(wish, looksLeft);
    }
    Optional<LinkedBlob> stored = link.flatMap(content::use);
    if (stored.isPresent()) {
      return deliver(stored.get(), wish, CacheOutcome.HIT, looksLeft);
    }
    if (link.isEmpty() && content.findBytes(wish.digest()).isPresent()) {
      return linkAndDeliver(wish, looksLeft);
    }
    Optional<OciException> absent = questions.findAbsence(wish.question());
    return absent.isPresent()
        ? CompletableFuture.failedFuture(absent.get())
        : fill(wish, looksLeft);
  }

  private CompletableFuture<BlobDelivery> fill(Wish wish, int looksLeft) {
    InFlightBlob mine = new InFlightBlob(wish.digest(), wish.pull().source(), clock.instant());
    if (!inFlight.enter(mine)) {
      return look(wish, looksLeft - 1);
    }
    // A fill that ended between the look and the entry has left its link in memory by now: it
    // leaves the map only after it has linked what it brought.
    Optional<LinkedBlob> stored = find(wish.pull(), wish.digest());
    if (stored.isPresent()) {
      inFlight.leave(mine);
      mine.withdraw();
      return deliver(stored.get(), wish, CacheOutcome.HIT, looksLeft);
    }
    fills.begin(mine, wish.pull().cost(), () -> inFlight.leave(mine));
    CompletableFuture<BlobDelivery> joined = join(mine, wish, CacheOutcome.MISS, looksLeft);
    var unused =
        mine.started()
            .whenComplete(
                (size, failure) -> {
                  if (failure != null) {
                    questions.noteIfAbsent(mine.source(), wish.question(), failure);
                  }
                });
    return joined;
  }

  private CompletableFuture<BlobDelivery> joinIfAuthorised(
      InFlightBlob flight, Wish wish, int looksLeft) {
    RepositoryName repository = wish.repository();
    if (flight.isAuthorised(repository)
        || content.findLink(repository, wish.digest(), LinkKind.BLOB).isPresent()) {
      flight.authorised().add(repository);
      return join(flight, wish, CacheOutcome.JOINED, looksLeft);
    }
    return askForBlob(wish.pull(), wish.digest())
        .thenCompose(
            size -> {
              flight.authorised().add(repository);
              // A fill that has linked its blob already has not seen this repository.
              return linkExisting(wish, size);
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
              boolean another = !flight.source().repository().equals(wish.repository());
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
          .fetchApart(wish.pull().source(), wish.digest(), range, wish.pull().cost())
          .exceptionallyCompose(failure -> follow(flight, size, wish, outcome, looksLeft));
    }
    return follow(flight, size, wish, outcome, looksLeft);
  }

  private CompletableFuture<BlobDelivery> follow(
      InFlightBlob flight, long size, Wish wish, CacheOutcome outcome, int looksLeft) {
    ByteRange range = wish.resolve(size);
    BlobReader reader = flight.join(range, size);
    if (reader != null) {
      return CompletableFuture.completedFuture(
          new BlobDelivery(reader, size, range, outcome, flight.begunAt()));
    }
    if (flight.isAbandoned()) {
      return flight.failed().thenCompose(ended -> look(wish, looksLeft - 1));
    }
    return flight.canBeKept() ? look(wish, looksLeft - 1) : fetchUnkept(wish, looksLeft);
  }

  /** The disk fails and the fill under way has lost its beginning: this client gets its own. */
  private CompletableFuture<BlobDelivery> fetchUnkept(Wish wish, int looksLeft) {
    InFlightBlob apart = new InFlightBlob(wish.digest(), wish.pull().source(), clock.instant());
    fills.begin(apart, wish.pull().cost(), () -> {});
    return join(apart, wish, CacheOutcome.MISS, looksLeft - 1);
  }

  /** The bytes are here for another repository: one question makes the link, nothing is fetched. */
  private CompletableFuture<BlobDelivery> linkAndDeliver(Wish wish, int looksLeft) {
    return askForBlob(wish.pull(), wish.digest())
        .thenCompose(size -> linkExisting(wish, size))
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
  private CompletableFuture<Optional<LinkedBlob>> linkExisting(Wish wish, long size) {
    Digest digest = wish.digest();
    boolean differs = content.findBytes(digest).filter(blob -> blob.size() != size).isPresent();
    CompletableFuture<Boolean> looked =
        differs ? verify(wish) : CompletableFuture.completedFuture(true);
    return looked.thenApply(sound -> content.linkExisting(wish.repository(), digest));
  }

  private CompletableFuture<Boolean> verify(Wish wish) {
    Digest digest = wish.digest();
    return verifications.run(
        digest, wish.pull().source().questions(), () -> content.verify(digest));
  }

  /** The bytes have not been looked at for long: once for all who wait, then served or replaced. */
  private CompletableFuture<BlobDelivery> verifyAndDeliver(Wish wish, int looksLeft) {
    return verify(wish)
        .thenCompose(
            sound ->
                content
                    .find(wish.repository(), wish.digest(), LinkKind.BLOB)
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
  public CompletableFuture<BlobSize> head(PullRequest pull, Digest digest) {
    return lookups.begin(
        () -> {
          Optional<Link> link = content.findLink(pull.repository(), digest, LinkKind.BLOB);
          return link.isPresent()
              ? CompletableFuture.completedFuture(
                  new BlobSize(link.get().size(), CacheOutcome.HIT, link.get().fetchedAt()))
              : headOfUpstream(new Wish(pull, digest, null));
        });
  }

  private CompletableFuture<BlobSize> headOfUpstream(Wish wish) {
    return askForBlob(wish.pull(), wish.digest())
        .thenCompose(
            size ->
                linkExisting(wish, size)
                    .thenApply(linked -> new BlobSize(size, CacheOutcome.MISS, clock.instant())));
  }

  private CompletableFuture<Long> askForBlob(PullRequest pull, Digest digest) {
    Source source = pull.source();
    return questions.ask(
        source,
        new Question.OfBlob(pull.repository(), digest),
        new Questions.Answering<>(
            () -> {
              long size = source.headBlob(digest, pull.cost()).size();
              source.checkSize(digest, size);
              return size;
            },
            OciError.BLOB_UNKNOWN));
  }
}
