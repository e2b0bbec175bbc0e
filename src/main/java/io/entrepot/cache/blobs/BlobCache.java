package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobAnswer;
import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobElsewhere;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.Questions;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RangeSpec;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.FarBlob;
import io.entrepot.store.StoredBlob;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The cache of blobs. A request is a hit in the store, a join of a running fill, or a miss that
 * starts a fill. No method blocks its caller: {@link Lookups} runs database queries, and the
 * threads of the source run upstream requests. Thread-safe.
 */
public final class BlobCache {
  /**
   * How often one request looks for a blob. Between two lookups a fill may end or a blob may be
   * evicted. If that happens so often, something is wrong.
   */
  private static final int MAX_LOOKUPS = 4;

  private final LocalContent content;
  private final InFlightBlobs inFlight;
  private final Fills fills;
  private final Questions questions;
  private final LinkProof proof;
  private final Lookups lookups;
  private final Clock clock;
  private final BlobLinks links;
  private final BlobSizes sizes;

  /** Wires the collaborators. */
  public BlobCache(
      LocalContent content,
      InFlightBlobs inFlight,
      Fills fills,
      Questions questions,
      LinkProof proof,
      Lookups lookups,
      Clock clock) {
    this.content = content;
    this.inFlight = inFlight;
    this.fills = fills;
    this.questions = questions;
    this.proof = proof;
    this.lookups = lookups;
    this.clock = clock;
    this.links = new BlobLinks(content, proof, questions);
    this.sizes = new BlobSizes(content, proof, links, lookups, clock);
  }

  /**
   * Finds a stored blob if the link from the repository to it is in memory, and counts this as a
   * use. Never queries the database or the upstream.
   */
  public Optional<LinkedBlob> find(PullRequest pull, Digest digest) {
    Optional<LinkedBlob> here =
        pull.source().isGranted()
            ? content.findKnown(pull.repository(), digest, LinkKind.BLOB)
            : Optional.empty();
    here.ifPresent(unused -> links.use(pull, digest));
    return here;
  }

  /**
   * Gets a blob that {@link #find} did not find: from the store, from a running fill, or from a new
   * fill.
   *
   * @param range the requested range, or null for the whole blob
   * @return the delivery, which the receiver closes; fails with an {@link OciException}
   */
  public CompletableFuture<BlobDelivery> fetch(
      PullRequest pull, Digest digest, @Nullable RangeSpec range) {
    BlobRequest request = new BlobRequest(pull, digest, range);
    return pull.source().isGranted()
        ? fetchGranted(request)
        : proof.askForSize(request).thenCompose(size -> fetchGranted(request));
  }

  /**
   * As {@link #fetch}, but sends the client to the store where that wants it, and has the blob, but
   * not near. Only after authorisation: the URL is a right.
   */
  public CompletableFuture<BlobAnswer> answer(
      PullRequest pull, Digest digest, @Nullable RangeSpec range) {
    if (!content.far().sendsClients() || !pull.source().isGranted()) {
      return fetch(pull, digest, range).thenApply(delivery -> delivery);
    }
    return lookups.begin(
        () -> {
          Optional<URI> url = url(new BlobRequest(pull, digest, range));
          return url.isPresent()
              ? CompletableFuture.completedFuture(new BlobElsewhere(url.get()))
              : fetch(pull, digest, range).thenApply(delivery -> delivery);
        });
  }

  private Optional<URI> url(BlobRequest request) {
    RepositoryName repository = request.repository();
    if (inFlight.find(request.key()) != null
        || content.find(repository, request.digest(), LinkKind.BLOB).isPresent()) {
      return Optional.empty();
    }
    Optional<URI> url = content.far().find(repository, request.digest()).flatMap(FarBlob::url);
    url.ifPresent(unused -> links.use(request.pull(), request.digest()));
    return url;
  }

  private CompletableFuture<BlobDelivery> fetchGranted(BlobRequest request) {
    InFlightBlob flight = inFlight.find(request.key());
    return flight != null && flight.isAuthorised(request.repository())
        ? join(flight, request, CacheOutcome.JOINED, MAX_LOOKUPS)
        : lookUp(request, MAX_LOOKUPS);
  }

  private CompletableFuture<BlobDelivery> lookUp(BlobRequest request, int lookupsLeft) {
    return lookupsLeft == 0
        ? CompletableFuture.failedFuture(
            new OciException(
                OciError.UNAVAILABLE,
                "blob "
                    + request.digest()
                    + " was stored and evicted again several times during this request",
                ClientErrors.SOON,
                null))
        : lookups.begin(() -> lookUpNow(request, lookupsLeft));
  }

  /** Looks for the blob once. Queries the database. */
  private CompletableFuture<BlobDelivery> lookUpNow(BlobRequest request, int lookupsLeft) {
    InFlightBlob flight = inFlight.find(request.key());
    if (flight != null) {
      return joinIfAuthorised(flight, request, lookupsLeft);
    }
    Optional<Link> link = content.findLink(request.repository(), request.digest(), LinkKind.BLOB);
    if (link.isPresent() && content.mustVerify(link.get())) {
      return verifyAndDeliver(request, lookupsLeft);
    }
    Optional<LinkedBlob> stored = link.flatMap(content::find);
    if (stored.isPresent()) {
      return deliver(stored.get(), request, CacheOutcome.HIT, lookupsLeft);
    }
    Optional<OciException> absent = questions.findAbsence(request.question());
    if (absent.isPresent()) {
      return CompletableFuture.failedFuture(absent.get());
    }
    Optional<StoredBlob> bytes =
        link.isEmpty() ? content.findBytes(request.digest()) : Optional.empty();
    return bytes.isPresent()
        ? linkAndDeliver(request, bytes.get(), lookupsLeft)
        : fill(request, lookupsLeft);
  }

  private CompletableFuture<BlobDelivery> fill(BlobRequest request, int lookupsLeft) {
    InFlightBlob flight = new InFlightBlob(request.digest(), request.source(), clock.instant());
    if (!inFlight.enter(flight)) {
      return lookUp(request, lookupsLeft - 1);
    }
    // Another fill may have ended between the lookup and enter(). A fill leaves the map only after
    // it has linked its blob, so that link is in memory now.
    Optional<LinkedBlob> stored = find(request.pull(), request.digest());
    if (stored.isPresent()) {
      inFlight.leave(flight);
      flight.withdraw();
      return deliver(stored.get(), request, CacheOutcome.HIT, lookupsLeft);
    }
    fills.begin(flight, request.pull(), () -> inFlight.leave(flight));
    CompletableFuture<BlobDelivery> joined = join(flight, request, CacheOutcome.MISS, lookupsLeft);
    var unused =
        flight
            .started()
            .whenComplete(
                (size, failure) -> {
                  if (failure != null) {
                    questions.noteIfAbsent(flight.source(), request.question(), failure);
                  }
                });
    return joined;
  }

  private CompletableFuture<BlobDelivery> joinIfAuthorised(
      InFlightBlob flight, BlobRequest request, int lookupsLeft) {
    RepositoryName repository = request.repository();
    if (flight.isAuthorised(repository) || links.exist(request)) {
      flight.authorise(repository);
      return join(flight, request, CacheOutcome.JOINED, lookupsLeft);
    }
    return proof
        .askForSizeAsProof(request)
        .thenCompose(
            size -> {
              if (size.isEmpty()) {
                return fillAlone(request, lookupsLeft);
              }
              flight.authorise(repository);
              // If the fill has linked its blob before, it has not linked this repository.
              return links
                  .make(request, size.getAsLong())
                  .map(stored -> deliver(stored, request, CacheOutcome.LINKED, lookupsLeft))
                  .orElseGet(() -> join(flight, request, CacheOutcome.JOINED, lookupsLeft));
            });
  }

  private CompletableFuture<BlobDelivery> join(
      InFlightBlob flight, BlobRequest request, CacheOutcome outcome, int lookupsLeft) {
    return flight
        .started()
        .handle(Start::new)
        .thenCompose(
            start -> {
              if (start.size() != null) {
                return joinStarted(flight, start.size(), request, outcome, lookupsLeft);
              }
              // The upstream may have refused the repository or the client of the first request. It
              // may still allow this one.
              boolean another =
                  !flight.source().repository().equals(request.repository())
                      || !flight.source().client().equals(request.source().client());
              return another || flight.isWithdrawn()
                  ? lookUp(request, lookupsLeft - 1)
                  : CompletableFuture.failedFuture(start.reason());
            });
  }

  private record Start(@Nullable Long size, @Nullable Throwable failure) {
    Throwable reason() {
      return failure == null
          ? new IllegalStateException("the fill started without a size")
          : ClientErrors.unwrapped(failure);
    }
  }

  private CompletableFuture<BlobDelivery> joinStarted(
      InFlightBlob flight, long size, BlobRequest request, CacheOutcome outcome, int lookupsLeft) {
    ByteRange range = request.resolve(size);
    if (range != null && !flight.canBeKept() && flight.isFarAhead(range.first())) {
      flight.passBy();
      return fills
          .fetchApart(request.pull(), request.digest(), range, size)
          .exceptionallyCompose(failure -> follow(flight, size, request, outcome, lookupsLeft));
    }
    if (range != null) {
      fills.fetchAhead(flight, request.pull(), range);
    }
    return follow(flight, size, request, outcome, lookupsLeft);
  }

  private CompletableFuture<BlobDelivery> follow(
      InFlightBlob flight, long size, BlobRequest request, CacheOutcome outcome, int lookupsLeft) {
    ByteRange range = request.resolve(size);
    BlobReader reader = flight.join(range, size);
    if (reader != null) {
      return CompletableFuture.completedFuture(
          new BlobDelivery(reader, size, range, how(flight, outcome), flight.begunAt()));
    }
    if (flight.isAbandoned()) {
      return flight.failed().thenCompose(ended -> lookUp(request, lookupsLeft - 1));
    }
    return flight.canBeKept() ? lookUp(request, lookupsLeft - 1) : fillAlone(request, lookupsLeft);
  }

  private static CacheOutcome how(InFlightBlob flight, CacheOutcome outcome) {
    return switch (flight.sender()) {
      case STORE -> CacheOutcome.HIT;
      case NODE -> CacheOutcome.JOINED;
      case UPSTREAM ->
          outcome == CacheOutcome.MISS && !flight.canBeKept() ? CacheOutcome.PASSED : outcome;
    };
  }

  /**
   * Starts a fill for this client alone. The running one no longer has the first bytes, because the
   * disk fails; or it is of another repository, and only the bytes can prove that this one may have
   * them.
   */
  private CompletableFuture<BlobDelivery> fillAlone(BlobRequest request, int lookupsLeft) {
    InFlightBlob own = new InFlightBlob(request.digest(), request.source(), clock.instant());
    fills.begin(own, request.pull(), () -> {});
    return join(own, request, CacheOutcome.MISS, lookupsLeft - 1);
  }

  /**
   * The bytes are stored for another repository. One upstream request checks the permission and
   * makes the link. No blob is fetched, unless the upstream does not say its size. If the upstream
   * returns another size, the stored bytes are damaged, or the answer is not about this blob. Then
   * the bytes are verified, and the blob is fetched. If another upstream has sent the bytes and
   * this one sends other ones, they are not read for that: it could say so as often as it likes.
   */
  private CompletableFuture<BlobDelivery> linkAndDeliver(
      BlobRequest request, StoredBlob bytes, int lookupsLeft) {
    if (proof.isSentBySameUpstream(request)) {
      return proof
          .askForSizeAsProof(request)
          .thenCompose(
              size -> {
                if (size.isEmpty()) {
                  return fill(request, lookupsLeft);
                }
                return size.getAsLong() == bytes.size()
                    ? linkNow(request, lookupsLeft)
                    : links.verify(request).thenCompose(sound -> fill(request, lookupsLeft));
              });
    }
    return proof
        .askForStretch(request, bytes)
        .thenCompose(sent -> sent ? linkNow(request, lookupsLeft) : fill(request, lookupsLeft));
  }

  private CompletableFuture<BlobDelivery> linkNow(BlobRequest request, int lookupsLeft) {
    return links
        .make(request)
        .map(stored -> deliver(stored, request, CacheOutcome.LINKED, lookupsLeft))
        .orElseGet(
            () ->
                links.exist(request)
                    ? lookUp(request, lookupsLeft - 1)
                    : fill(request, lookupsLeft));
  }

  /**
   * Verifies bytes whose last verification is long ago. This is done once for all waiting clients.
   * Then the bytes are served, or fetched again if they are damaged.
   */
  private CompletableFuture<BlobDelivery> verifyAndDeliver(BlobRequest request, int lookupsLeft) {
    return links
        .verify(request)
        .thenCompose(
            sound ->
                sound
                    ? content
                        .find(request.repository(), request.digest(), LinkKind.BLOB)
                        .map(stored -> deliver(stored, request, CacheOutcome.HIT, lookupsLeft))
                        .orElseGet(() -> lookUp(request, lookupsLeft - 1))
                    : fill(request, lookupsLeft));
  }

  private CompletableFuture<BlobDelivery> deliver(
      LinkedBlob stored, BlobRequest request, CacheOutcome outcome, int lookupsLeft) {
    links.use(request.pull(), request.digest());
    try {
      return CompletableFuture.completedFuture(
          stored.open(request.resolve(stored.blob().size()), outcome));
    } catch (BlobGoneException e) {
      return lookUp(request, lookupsLeft - 1);
    }
  }

  /**
   * Finds the size of a blob without downloading it.
   *
   * @return the size; fails with an {@link OciException}
   */
  public CompletableFuture<BlobSize> head(PullRequest pull, Digest digest) {
    return sizes.find(new BlobRequest(pull, digest, null));
  }
}
