package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobReader;
import io.entrepot.cache.ClientErrors;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Source;
import io.entrepot.spool.BlobSource;
import io.entrepot.spool.FillKey;
import io.entrepot.spool.SpoolFile;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A blob that is being filled by one upstream, with all its readers, who are clients of that
 * upstream. It is in the in-flight map from the first client's request until the blob is committed,
 * linked and leased, or the fill has failed. Thread-safe.
 */
final class InFlightBlob {
  /** The most repositories that are linked when one fill ends: some 600 KB of names. */
  private static final int MAX_REPOSITORIES = 1_000;

  private final Digest digest;
  private final Source source;
  private final Instant begunAt;
  private final Set<RepositoryName> authorised = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Long> started = new CompletableFuture<>();
  private final CompletableFuture<Void> failed = new CompletableFuture<>();
  private volatile @Nullable SpoolFile spool;
  private volatile @Nullable Segments segments;
  private volatile Connections connections = new Connections(1, () -> 0);
  private volatile @Nullable Beginning beginning;
  private volatile @Nullable BlobProvider provider;
  private volatile Consumer<ByteRange> ahead = range -> {};
  private volatile BlobProvider.Sender sender = BlobProvider.Sender.UPSTREAM;
  private volatile boolean withdrawn;
  private volatile boolean abandoned;
  private volatile boolean mayBeLeft;

  /**
   * Makes a blob whose fill has not begun.
   *
   * @param source the source of the first request; the fill uses it
   * @param begunAt the time of the first request
   */
  InFlightBlob(Digest digest, Source source, Instant begunAt) {
    this.digest = digest;
    this.source = source;
    this.begunAt = begunAt;
    authorised.add(source.repository());
  }

  /** Makes a blob that is filled although no client has asked for it. */
  static InFlightBlob unasked(Digest digest, Source source, Instant begunAt) {
    InFlightBlob blob = new InFlightBlob(digest, source, begunAt);
    blob.mayBeLeft = true;
    return blob;
  }

  Digest digest() {
    return digest;
  }

  FillKey key() {
    return new FillKey(source.upstream(), digest);
  }

  Source source() {
    return source;
  }

  Instant begunAt() {
    return begunAt;
  }

  /**
   * The repositories that may serve this blob: the upstream has confirmed it for them, or will do
   * so by its answer to the fill (S6).
   */
  Set<RepositoryName> authorised() {
    return authorised;
  }

  /**
   * Lets one more repository serve this blob.
   *
   * @throws OciException with {@code UNAVAILABLE} if there are too many
   */
  void authorise(RepositoryName repository) {
    if (authorised.size() >= MAX_REPOSITORIES && !authorised.contains(repository)) {
      throw new OciException(
          OciError.UNAVAILABLE,
          "too many repositories wait for blob " + digest,
          ClientErrors.SOON,
          null);
    }
    authorised.add(repository);
  }

  /** Whether a repository may serve this blob without a further upstream request. */
  boolean isAuthorised(RepositoryName repository) {
    return authorised.contains(repository);
  }

  /**
   * A future with the size of the blob. It completes when clients can get an answer: after the
   * upstream's answer; for a small blob or a blob of unknown size, after the verification. Fails
   * with an {@link OciException}.
   */
  CompletableFuture<Long> started() {
    return started;
  }

  /** The watermark: how many bytes readers may read; 0 before the fill has begun. */
  long available() {
    SpoolFile file = spool;
    return file == null ? 0 : file.available();
  }

  /**
   * Begins to take bytes.
   *
   * @param by who sends them
   * @param at the time of the upstream's answer
   */
  void begin(Segments begun, BlobProvider by, Connections from, Instant at) {
    SpoolFile file = begun.file();
    sender = by.sender();
    provider = by;
    beginning = new Beginning(at, file.available());
    segments = begun;
    connections = from;
    spool = file;
  }

  /** The claim of the node that it follows; empty if it follows none. */
  Optional<FillClaims.Claim> followed() {
    BlobProvider from = provider;
    return from == null ? Optional.empty() : from.followed();
  }

  /** Sets what fetches a range that a client of another node waits for, as a segment. */
  void onAhead(Consumer<ByteRange> fetch) {
    ahead = fetch;
  }

  /** Fetches a range as a segment, where that is needed. */
  void fetchAhead(ByteRange range) {
    ahead.accept(range);
  }

  /** Who sent its first bytes. */
  BlobProvider.Sender sender() {
    return sender;
  }

  /** Who fetches which part of it; null before the fill has begun. */
  @Nullable Segments segments() {
    return segments;
  }

  /** How many connections fetch it. */
  Connections connections() {
    return connections;
  }

  /** Whether the fill goes on even if no client reads it. */
  boolean goesOn() {
    SpoolFile file = spool;
    return file == null || source.blobs().goesOn(file.written(), file.size());
  }

  private record Beginning(Instant at, long available) {}

  /** How far this fill is, for people. */
  FillStatus status(Instant now) {
    SpoolFile file = spool;
    Beginning first = beginning;
    FillStatus.Name name = new FillStatus.Name(digest, source.upstream(), source.repository());
    if (file == null || first == null) {
      return new FillStatus(name, begunAt, FillStatus.UNKNOWN, 0, 0, 0);
    }
    long here = file.available();
    long millis = Math.max(1, Duration.between(first.at(), now).toMillis());
    long rate = (here - first.available()) * 1000 / millis;
    return new FillStatus(name, begunAt, file.size(), here, rate, file.readers());
  }

  /**
   * Ends the fill before it has begun, because the blob is stored. Waiting requests look it up
   * again.
   */
  void withdraw() {
    withdrawn = true;
    fail(new OciException(OciError.UNAVAILABLE, "blob " + digest + " is already stored"));
  }

  boolean isWithdrawn() {
    return withdrawn;
  }

  /** Fails the fill for all requests that wait for its start, and for all readers. */
  void fail(RuntimeException failure) {
    started.completeExceptionally(failure);
    SpoolFile file = spool;
    if (file != null) {
      file.fail(failure);
    }
    failed.complete(null);
  }

  /** A client has come and does not read this blob: it gets its bytes elsewhere. */
  void passBy() {
    mayBeLeft = true;
  }

  /** Whether clients read this blob, or the first one is still to come. */
  boolean isWanted() {
    SpoolFile file = spool;
    return !mayBeLeft || (file != null && file.hasReaders());
  }

  /**
   * If there were clients and none reads any more, no reader can join from now on.
   *
   * @return whether that is the case
   */
  synchronized boolean abandon() {
    abandoned = spool != null && !isWanted();
    return abandoned;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /** Completes when this fill has failed, so that another can begin. */
  CompletableFuture<Void> failed() {
    return failed;
  }

  /**
   * Adds a reader. Only after {@link #started}.
   *
   * @param range the requested range, or null for the whole blob
   * @param size the size of the whole blob in bytes
   * @return the reader; null if the fill has ended (then the blob may be in the store), if it was
   *     abandoned, or if the disk fails and the first bytes are gone
   */
  synchronized @Nullable BlobReader join(@Nullable ByteRange range, long size) {
    SpoolFile file = spool;
    long first = range == null ? 0 : range.first();
    BlobSource source = file == null || abandoned ? null : file.join(first);
    if (source == null) {
      return null;
    }
    mayBeLeft = true;
    return new BlobReader(source, first, range == null ? size : range.last() + 1);
  }

  /** Whether a reader would wait long for a byte. */
  boolean isFarAhead(long offset) {
    SpoolFile file = spool;
    return file != null && file.isFarAhead(offset);
  }

  /** Whether the disk still stores the bytes, so that later clients can read all of them. */
  boolean canBeKept() {
    SpoolFile file = spool;
    return file == null || file.canBeKept();
  }
}
