package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Question;
import io.entrepot.cache.Questions;
import io.entrepot.cache.SingleFlight;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.routing.Source;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.StoredBlob;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a repository may have bytes that are already stored. Its own upstream gives it, by
 * one request:
 *
 * <ul>
 *   <li>If the same upstream has sent the bytes, a HEAD is enough.
 *   <li>Else the upstream must send a random stretch of the blob. An upstream that says 200 to
 *       every HEAD would give out what another upstream has sent.
 * </ul>
 *
 * <p>Requests run on the threads of the source. Thread-safe.
 */
public final class LinkProof {
  /** The length of a stretch in bytes. A blob that is not longer must be sent whole. */
  static final int STRETCH = 64 << 10;

  /**
   * An upstream that has not sent the stretch by then has proved nothing, and the blob is filled.
   */
  private static final Duration MAX_TIME = Duration.ofSeconds(10);

  private final LocalContent content;
  private final Questions questions;
  private final SecureRandom random;
  private final CacheMeters meters;
  private final LongSupplier nanoTime;
  private final SingleFlight<Question> stretches;

  /**
   * Wires the collaborators.
   *
   * @param random chooses the stretches; nobody can foresee them
   * @param nanoTime measures how long a stretch takes
   */
  public LinkProof(
      LocalContent content,
      Questions questions,
      SecureRandom random,
      CacheMeters meters,
      LongSupplier nanoTime) {
    this.content = content;
    this.questions = questions;
    this.random = random;
    this.meters = meters;
    this.nanoTime = nanoTime;
    this.stretches = questions.works(Question::weight);
  }

  /**
   * Asks the upstream by HEAD for the size of a blob.
   *
   * @return the size; fails with an {@link io.entrepot.oci.OciException}
   */
  CompletableFuture<Long> askForSize(BlobRequest request) {
    Source source = request.source();
    Digest digest = request.digest();
    return questions.ask(
        request.pull(),
        request.question(),
        new Questions.Answering<>(
            () -> {
              long size = source.headBlob(digest, request.pull().cost()).size();
              source.checkSize(digest, size);
              return size;
            },
            OciError.BLOB_UNKNOWN));
  }

  /**
   * Asks for the size of a blob, to see whether the repository has it.
   *
   * @return the size; empty where no answer can be used, such as one without the size. That proves
   *     nothing: the blob must be fetched. Fails with an {@link io.entrepot.oci.OciException}
   */
  CompletableFuture<OptionalLong> askForSizeAsProof(BlobRequest request) {
    return askForSize(request)
        .thenApply(OptionalLong::of)
        .exceptionally(
            failure -> {
              Throwable reason = ClientErrors.unwrapped(failure);
              if (reason.getCause() instanceof UpstreamException e && e.isUnusable()) {
                return OptionalLong.empty();
              }
              throw new CompletionException(reason);
            });
  }

  /**
   * Whether a HEAD is proof enough: the upstream of a request has sent this blob for one of its
   * repositories. If the database was lost, so that nobody knows who has sent it, that is so if
   * there is no other upstream. Queries the database.
   */
  boolean isSentBySameUpstream(BlobRequest request) {
    Source source = request.source();
    return content.isLinkedBy(source.upstream(), request.digest())
        || (source.isOfOnlyUpstream() && !content.isLinked(request.digest()));
  }

  /**
   * Asks the upstream for a stretch of a blob.
   *
   * @param stored the bytes of the blob
   * @return whether it has sent the same bytes; if not, the blob must be fetched from it; fails
   *     with an {@link io.entrepot.oci.OciException} if it refuses the blob or does not answer
   */
  CompletableFuture<Boolean> askForStretch(BlobRequest request, StoredBlob stored) {
    return stretches
        .run(request.question(), request.pull().questions(), () -> sends(request, stored))
        .whenComplete(
            (sent, failure) -> {
              if (failure != null) {
                questions.noteIfAbsent(request.source(), request.question(), failure);
              }
            });
  }

  private boolean sends(BlobRequest request, StoredBlob stored) {
    try {
      return sendsStretch(request, stored);
    } catch (UpstreamException e) {
      if (e.isUnusable()) {
        return false;
      }
      throw ClientErrors.of(request.source(), e, OciError.BLOB_UNKNOWN);
    }
  }

  private boolean sendsStretch(BlobRequest request, StoredBlob stored) throws UpstreamException {
    int length = (int) Math.min(STRETCH, stored.size());
    long first = random.nextLong(stored.size() - length + 1);
    FetchRange range =
        length == stored.size()
            ? FetchRange.WHOLE
            : new FetchRange(first, first + length - 1, null);
    Source source = request.source();
    try (UpstreamBody body = source.fetchBlob(request.digest(), range, request.pull().cost())) {
      source.checkSize(request.digest(), body.blobSize().orElse(-1));
      // An upstream that ignores the range begins at the first byte. A fill serves its client
      // sooner than this does, if the stretch is far.
      long toSkip = first - body.offset();
      return body.blobSize().orElse(stored.size()) == stored.size()
          && toSkip <= SpoolFile.FAR_AHEAD
          && Arrays.equals(receive(source, body, toSkip, length), read(stored, first, length));
    } catch (IOException e) {
      return false; // a fill tries again, and does not need the bytes of the store
    }
  }

  /**
   * Receives the stretch.
   *
   * @param toSkip how many bytes come before it
   * @return null if the upstream sends less, or takes too long
   */
  private byte @Nullable [] receive(Source source, UpstreamBody body, long toSkip, int length)
      throws IOException {
    byte[] stretch = new byte[length];
    long begun = nanoTime.getAsLong();
    long at = -toSkip;
    while (at < length) {
      // What comes before the stretch is overwritten.
      long wanted = at < 0 ? Math.min(length, -at) : length - at;
      int n = body.stream().read(stretch, (int) Math.max(0, at), (int) wanted);
      if (n < 0 || nanoTime.getAsLong() - begun > MAX_TIME.toNanos()) {
        return null;
      }
      meters.pulledBlob(source, n);
      at += n;
    }
    return stretch;
  }

  private static byte[] read(StoredBlob stored, long first, int length) throws IOException {
    try (BlobReader reader = new BlobReader(stored.open(), first, first + length)) {
      return reader.readRest();
    }
  }
}
