package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.ParkedReaders;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.BlobLimit;
import io.entrepot.routing.FinishShare;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import java.io.IOException;
import java.time.Clock;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs fills on a bounded executor and brings what they fetched to the shelf. Thread-safe. */
public final class Fills {
  private static final Logger log = LoggerFactory.getLogger(Fills.class);

  private final Upstream upstream;
  private final Spool spool;
  private final LocalContent shelf;
  private final Function<RepositoryName, Executor> executors;
  private final Pause pause;
  private final BlobLimit limit;
  private final FinishShare finishShare;
  private final CacheMeters meters;
  private final Clock clock;

  /**
   * @param executors the threads that fills of a repository's upstream may have; their queues hold
   *     those that wait
   * @param limit ends a fill where it is exceeded, at the first byte if the size is known
   * @param finishShare ends a fill that its clients have left before that
   */
  public Fills(
      Upstream upstream,
      Spool spool,
      LocalContent shelf,
      Function<RepositoryName, Executor> executors,
      Pause pause,
      BlobLimit limit,
      FinishShare finishShare,
      CacheMeters meters,
      Clock clock) {
    this.upstream = upstream;
    this.spool = spool;
    this.shelf = shelf;
    this.executors = executors;
    this.pause = pause;
    this.limit = limit;
    this.finishShare = finishShare;
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * Begins to fetch a whole blob.
   *
   * @param leave takes the flight out of the in-flight map; run when the blob is on the shelf, and
   *     before a failure is told, so that whoever asks then begins afresh
   */
  void begin(InFlightBlob flight, Cost cost, Runnable leave) {
    try {
      executors.apply(flight.owner()).execute(() -> fill(flight, cost, leave));
    } catch (RejectedExecutionException e) {
      leave.run();
      flight.fail(tooMany(e));
    }
  }

  private void fill(InFlightBlob flight, Cost cost, Runnable leave) {
    Digest digest = flight.digest();
    WholeBlob progress = new WholeBlob(flight);
    Fill fill =
        new Fill(upstream, spool, flight.owner(), digest, FetchRange.WHOLE, pause, limit, cost);
    @Nullable OciException failure =
        new OciException(OciError.INTERNAL, "the fill of " + digest + " ended without a word");
    try {
      SpoolFile sealed = fill.run(progress);
      failure = null;
      flight.started().complete(sealed.written());
      flight.wakeReaders();
      shelve(flight, sealed);
    } catch (AbandonedException e) {
      // What is here must be free before the next fill begins, so that it can go on there.
      progress.release();
      failure = told(flight.owner(), digest, e);
    } catch (IOException | UpstreamException | RuntimeException e) {
      failure = told(flight.owner(), digest, e);
    } finally {
      // Also when an Error ends this thread: nobody may wait for ever.
      leave.run();
      if (failure != null) {
        flight.fail(failure);
      }
      progress.release();
    }
  }

  /** A blob that cannot be kept has still been served, so this fails no one. */
  private void shelve(InFlightBlob flight, SpoolFile sealed) {
    if (!sealed.canBeKept()) {
      meters.notKept();
      spool.discard(sealed);
      return;
    }
    try {
      shelf.shelve(sealed, flight.digest(), flight.authorised());
    } catch (IOException | RuntimeException e) {
      meters.notKept();
      log.error("Blob {} was served but could not be kept", flight.digest(), e);
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
      // A smaller blob has nothing to give before it is verified, and can still fail cleanly.
      if (size > SpoolFile.HOLD_BACK) {
        flight.started().complete(size);
      }
    }

    @Override
    public boolean grown(int bytes) {
      meters.pulledBlob(flight.owner(), bytes);
      flight.wakeReaders();
      return file == null
          || finishShare.isReached(flight.owner(), file.written(), file.size())
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
   * Fetches a range apart from the fill of the whole, for one client, and keeps nothing of it.
   *
   * @return fails with an {@link OciException} when the upstream does not give parts
   */
  CompletableFuture<BlobDelivery> fetchApart(
      RepositoryName repository, Digest digest, ByteRange range, Cost cost) {
    CompletableFuture<BlobDelivery> answer = new CompletableFuture<>();
    FetchRange stretch = new FetchRange(range.first(), range.last(), null);
    Fill fill = new Fill(upstream, spool, repository, digest, stretch, pause, limit, cost);
    try {
      executors.apply(repository).execute(() -> fillPart(fill, repository, digest, range, answer));
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(tooMany(e));
    }
    return answer;
  }

  private void fillPart(
      Fill fill,
      RepositoryName repository,
      Digest digest,
      ByteRange range,
      CompletableFuture<BlobDelivery> answer) {
    PartOfBlob progress = new PartOfBlob(repository, range, answer);
    try {
      SpoolFile part = fill.run(progress);
      progress.arrival.wakeAll();
      spool.discard(part);
    } catch (IOException | UpstreamException | RuntimeException e) {
      OciException why = told(repository, digest, e);
      answer.completeExceptionally(why);
      progress.arrival.fail(why);
    } finally {
      progress.release();
    }
  }

  /** The listener of a part's fill, which ends when its one client leaves. */
  private final class PartOfBlob implements Fill.Listener {
    private final RepositoryName repository;
    private final ByteRange range;
    private final CompletableFuture<BlobDelivery> answer;
    private final ParkedReaders arrival = new ParkedReaders();
    private @Nullable SpoolFile file;

    PartOfBlob(RepositoryName repository, ByteRange range, CompletableFuture<BlobDelivery> answer) {
      this.repository = repository;
      this.range = range;
      this.answer = answer;
    }

    @Override
    public void begun(SpoolFile begun, long size) {
      file = begun;
      BlobReader reader =
          new BlobReader(Objects.requireNonNull(begun.join(0)), arrival, 0, range.length());
      BlobDelivery delivery =
          new BlobDelivery(reader, size, range, CacheOutcome.MISS, clock.instant());
      if (!answer.complete(delivery)) {
        reader.close();
      }
    }

    @Override
    public boolean grown(int bytes) {
      meters.pulledBlob(repository, bytes);
      arrival.wakeAll();
      return file != null && file.hasReaders();
    }

    void release() {
      if (file != null) {
        file.release();
      }
    }
  }

  private OciException told(RepositoryName repository, Digest digest, Exception e) {
    if (e instanceof OciException known) {
      return known;
    }
    if (e instanceof UpstreamException failed) {
      return ClientErrors.of(failed, OciError.BLOB_UNKNOWN);
    }
    if (e instanceof CorruptBlobException) {
      meters.corrupt(repository);
      log.error("Upstream sent a wrong blob for {}: {}", digest, e.getMessage());
      return new OciException(
          OciError.UPSTREAM_FAILED,
          "the upstream sent something else than blob " + digest + ": " + e.getMessage());
    }
    if (!(e instanceof AbandonedException)) {
      log.error("The fill of {} failed", digest, e);
    }
    return ClientErrors.unavailable("the fill of " + digest + " failed: " + e.getMessage(), e);
  }

  private static OciException tooMany(RejectedExecutionException e) {
    return new OciException(
        OciError.UNAVAILABLE, "too many fills wait for their turn", ClientErrors.SOON, e);
  }
}
