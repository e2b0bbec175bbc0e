package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.LocalContent;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.Source;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.FillKey;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamException;
import java.io.IOException;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs fills on the threads of their source, and stores the blobs. The queues of those threads are
 * limited. Thread-safe.
 */
public final class Fills {
  private static final Logger log = LoggerFactory.getLogger(Fills.class);

  private final Spool spool;
  private final LocalContent content;
  private final Pause pause;
  private final CacheMeters meters;
  private final Clock clock;

  /**
   * Wires the collaborators.
   *
   * @param pause the wait between an interruption and the next attempt
   */
  public Fills(Spool spool, LocalContent content, Pause pause, CacheMeters meters, Clock clock) {
    this.spool = spool;
    this.content = content;
    this.pause = pause;
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * Begins to fetch a whole blob.
   *
   * @param flight the blob
   * @param cost counts the upstream requests
   * @param leave removes the blob from the in-flight map. It runs after the blob is stored. After a
   *     failure it runs before the clients get the error, so that their next request starts a new
   *     fill.
   */
  void begin(InFlightBlob flight, Cost cost, Runnable leave) {
    try {
      flight.source().fills().execute(() -> fill(flight, cost, leave));
    } catch (RejectedExecutionException e) {
      leave.run();
      flight.fail(tooMany(e));
    }
  }

  private void fill(InFlightBlob flight, Cost cost, Runnable leave) {
    Digest digest = flight.digest();
    WholeBlob progress = new WholeBlob(flight);
    BlobProvider provider = BlobProvider.of(flight.source(), digest, cost);
    Fill fill = new Fill(provider, spool, flight.key(), FetchRange.WHOLE, pause);
    @Nullable OciException failure =
        new OciException(OciError.INTERNAL, "the fill of " + digest + " ended without a result");
    try {
      SpoolFile sealed = fill.run(progress);
      failure = null;
      flight.started().complete(sealed.written());
      store(flight, sealed);
    } catch (AbandonedException e) {
      // Release the file before the next fill begins, so that the next fill can continue it.
      progress.release();
      failure = clientError(flight.source(), digest, e);
    } catch (IOException | UpstreamException | RuntimeException e) {
      failure = clientError(flight.source(), digest, e);
    } finally {
      // Also after an Error: no client may wait for ever.
      leave.run();
      if (failure != null) {
        flight.fail(failure);
      }
      progress.release();
    }
  }

  /**
   * Stores the blob. A failure is only logged, because the clients have received the blob anyway.
   */
  private void store(InFlightBlob flight, SpoolFile sealed) {
    if (!sealed.canBeKept()) {
      meters.notKept();
      spool.discard(sealed);
      return;
    }
    try {
      content.store(sealed, flight.digest(), flight.authorised());
    } catch (IOException | RuntimeException e) {
      meters.notKept("Blob " + flight.digest(), e);
      spool.discard(sealed);
    }
  }

  /** The listener of a whole blob's fill. */
  private final class WholeBlob implements Fill.Listener {
    private final InFlightBlob flight;
    private @Nullable SpoolFile file;

    WholeBlob(InFlightBlob flight) {
      this.flight = flight;
    }

    @Override
    public void begun(SpoolFile begun, long size) {
      file = begun;
      flight.begin(begun);
      // Of a smaller blob no byte is sent before it is verified, so a failure can still become an
      // error response.
      if (size > SpoolFile.HOLD_BACK) {
        flight.started().complete(size);
      }
    }

    @Override
    public boolean grown(int bytes) {
      meters.pulledBlob(flight.source(), bytes);
      return file == null
          || flight.source().blobs().goesOn(file.written(), file.size())
          || !flight.abandon();
    }

    void release() {
      if (file != null) {
        file.release();
        file = null;
      }
    }
  }

  /**
   * Fetches a range for one client, separately from the fill of the whole blob. The range is not
   * stored.
   *
   * @return the delivery; fails with an {@link OciException} if the upstream does not support
   *     ranges
   */
  CompletableFuture<BlobDelivery> fetchApart(
      Source source, Digest digest, ByteRange range, Cost cost) {
    CompletableFuture<BlobDelivery> answer = new CompletableFuture<>();
    FetchRange part = new FetchRange(range.first(), range.last(), null);
    FillKey key = new FillKey(source.upstream(), digest);
    Fill fill = new Fill(BlobProvider.of(source, digest, cost), spool, key, part, pause);
    try {
      source.fills().execute(() -> fillPart(fill, source, digest, range, answer));
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(tooMany(e));
    }
    return answer;
  }

  private void fillPart(
      Fill fill,
      Source source,
      Digest digest,
      ByteRange range,
      CompletableFuture<BlobDelivery> answer) {
    PartOfBlob progress = new PartOfBlob(source, range, answer);
    try {
      SpoolFile part = fill.run(progress);
      spool.discard(part);
    } catch (IOException | UpstreamException | RuntimeException e) {
      OciException failure = clientError(source, digest, e);
      answer.completeExceptionally(failure);
      progress.fail(failure);
    } finally {
      progress.release();
    }
  }

  /** The listener of the fill of a range. The fill stops when its only client leaves. */
  private final class PartOfBlob implements Fill.Listener {
    private final Source source;
    private final ByteRange range;
    private final CompletableFuture<BlobDelivery> answer;
    private @Nullable SpoolFile file;

    PartOfBlob(Source source, ByteRange range, CompletableFuture<BlobDelivery> answer) {
      this.source = source;
      this.range = range;
      this.answer = answer;
    }

    @Override
    public void begun(SpoolFile begun, long size) {
      file = begun;
      BlobReader reader = new BlobReader(Objects.requireNonNull(begun.join(0)), 0, range.length());
      BlobDelivery delivery =
          new BlobDelivery(reader, size, range, CacheOutcome.PASSED, clock.instant());
      if (!answer.complete(delivery)) {
        reader.close();
      }
    }

    @Override
    public boolean grown(int bytes) {
      meters.pulledBlob(source, bytes);
      return file != null && file.hasReaders();
    }

    void fail(OciException failure) {
      if (file != null) {
        file.fail(failure);
      }
    }

    void release() {
      if (file != null) {
        file.release();
      }
    }
  }

  private OciException clientError(Source source, Digest digest, Exception e) {
    if (e instanceof OciException known) {
      return known;
    }
    if (e instanceof UpstreamException failed) {
      return ClientErrors.of(source, failed, OciError.BLOB_UNKNOWN);
    }
    if (e instanceof CorruptBlobException) {
      meters.corrupt(source);
      log.error("The upstream sent other bytes than blob {}: {}", digest, e.getMessage());
      return new OciException(
          OciError.UPSTREAM_FAILED,
          "the upstream sent other bytes than blob " + digest + ": " + e.getMessage());
    }
    if (Thread.currentThread().isInterrupted()) {
      // A stop interrupts the fills. That is an ordinary event, and the next fill goes on from
      // here.
      log.info("The fill of {} ends: the application stops", digest);
    } else if (!(e instanceof AbandonedException)) {
      log.error("The fill of {} failed", digest, e);
    }
    return ClientErrors.unavailable("the fill of " + digest + " failed; the log says why", e);
  }

  private static OciException tooMany(RejectedExecutionException e) {
    return new OciException(
        OciError.UNAVAILABLE, "too many requests wait for the upstream", ClientErrors.SOON, e);
  }
}
