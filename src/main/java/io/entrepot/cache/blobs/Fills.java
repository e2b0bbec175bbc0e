package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.SmallBlobs;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.PullRequest;
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
import java.util.function.BooleanSupplier;
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
  private final InFlightBlobs inFlight;
  private final Pause pause;
  private final CacheMeters meters;
  private final Clock clock;

  /**
   * Wires the collaborators.
   *
   * @param inFlight the blobs that are being filled
   * @param pause the wait between an interruption and the next attempt
   */
  public Fills(
      Spool spool,
      LocalContent content,
      InFlightBlobs inFlight,
      Pause pause,
      CacheMeters meters,
      Clock clock) {
    this.spool = spool;
    this.content = content;
    this.inFlight = inFlight;
    this.pause = pause;
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * Begins to fetch a whole blob.
   *
   * @param flight the blob
   * @param pull the first request for it
   * @param leave removes the blob from the in-flight map. It runs after the blob is stored. After a
   *     failure it runs before the clients get the error, so that their next request starts a new
   *     fill.
   */
  void begin(InFlightBlob flight, PullRequest pull, Runnable leave) {
    WholeBlob job = new WholeBlob(flight, pull, () -> true, leave);
    try {
      flight.source().fills().execute(job);
    } catch (RejectedExecutionException e) {
      leave.run();
      flight.fail(tooMany(e));
    }
  }

  /**
   * Fetches a whole blob that nobody asks for now, when no other fill waits: one that has given
   * way, or one that clients will want.
   */
  void beginWhenIdle(Digest digest, PullRequest pull) {
    Source source = pull.source();
    InFlightBlob flight = InFlightBlob.unasked(digest, source, clock.instant());
    BooleanSupplier enter = () -> content.findBytes(digest).isEmpty() && inFlight.enter(flight);
    WholeBlob job = new WholeBlob(flight, pull.beside(), enter, () -> inFlight.leave(flight));
    source.fills().whenIdle(job);
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

  private FillJob.Parts parts(PullRequest pull, Digest digest, FetchRange range, boolean large) {
    BlobProvider provider = BlobProvider.of(pull.source(), digest, pull.cost());
    FillKey key = new FillKey(pull.source().upstream(), digest);
    Fill fill = new Fill(provider, spool, key, range, pause);
    return new FillJob.Parts(fill, pull.source().fills(), pull.network(), large);
  }

  /** The fill of a whole blob. */
  private final class WholeBlob extends FillJob {
    private final InFlightBlob flight;
    private final PullRequest pull;
    private final BooleanSupplier enter;
    private final Runnable leave;
    private boolean entered;
    private boolean gaveWay;

    /**
     * Makes the fill.
     *
     * @param enter called at the first turn; false if the blob need not be fetched any more
     */
    WholeBlob(InFlightBlob flight, PullRequest pull, BooleanSupplier enter, Runnable leave) {
      super(
          parts(pull, flight.digest(), FetchRange.WHOLE, !content.isListedSmall(flight.digest())));
      this.flight = flight;
      this.pull = pull;
      this.enter = enter;
      this.leave = leave;
    }

    @Override
    public void run() {
      entered = entered || enter.getAsBoolean();
      if (entered) {
        super.run();
      }
    }

    @Override
    public boolean isWanted() {
      return flight.isWanted();
    }

    @Override
    public void begun(SpoolFile begun, long size) {
      super.begun(begun, size);
      flight.begin(begun, clock.instant());
      // Of a smaller blob no byte is sent before it is verified, so a failure can still become an
      // error response.
      if (size > SpoolFile.HOLD_BACK) {
        flight.started().complete(size);
      }
    }

    @Override
    public boolean grown(int bytes) {
      meters.pulledBlob(flight.source(), bytes);
      SpoolFile file = file();
      return file == null
          || flight.source().blobs().goesOn(file.written(), file.size())
          || !flight.abandon();
    }

    @Override
    boolean endsUnread() {
      gaveWay = flight.abandon();
      return gaveWay;
    }

    @Override
    void complete(SpoolFile sealed) {
      flight.started().complete(sealed.written());
      store(flight, sealed);
    }

    @Override
    OciException error(Exception why) {
      return clientError(flight.source(), flight.digest(), why);
    }

    @Override
    void end(@Nullable OciException failure) {
      if (flight.isAbandoned()) {
        // Release the file before the next fill begins, so that the next fill can continue it.
        release();
      }
      leave.run();
      if (failure != null) {
        flight.fail(failure);
      }
      release();
      if (gaveWay) {
        beginWhenIdle(flight.digest(), pull);
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
  CompletableFuture<BlobDelivery> fetchApart(PullRequest pull, Digest digest, ByteRange range) {
    PartOfBlob job = new PartOfBlob(pull, digest, range);
    try {
      pull.source().fills().execute(job);
    } catch (RejectedExecutionException e) {
      job.answer.completeExceptionally(tooMany(e));
    }
    return job.answer;
  }

  /** The fill of a range. It stops when its only client leaves. */
  private final class PartOfBlob extends FillJob {
    private final Source source;
    private final Digest digest;
    private final ByteRange range;
    private final CompletableFuture<BlobDelivery> answer = new CompletableFuture<>();

    PartOfBlob(PullRequest pull, Digest digest, ByteRange range) {
      super(
          parts(
              pull,
              digest,
              new FetchRange(range.first(), range.last(), null),
              range.length() > SmallBlobs.MAX_SIZE));
      this.source = pull.source();
      this.digest = digest;
      this.range = range;
    }

    @Override
    public boolean isWanted() {
      SpoolFile file = file();
      return file == null || file.hasReaders();
    }

    @Override
    public void begun(SpoolFile begun, long size) {
      super.begun(begun, size);
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
      return isWanted();
    }

    @Override
    boolean endsUnread() {
      return !isWanted();
    }

    @Override
    void complete(SpoolFile sealed) {
      spool.discard(sealed);
    }

    @Override
    OciException error(Exception why) {
      return clientError(source, digest, why);
    }

    @Override
    void end(@Nullable OciException failure) {
      SpoolFile file = file();
      if (failure != null) {
        answer.completeExceptionally(failure);
        if (file != null) {
          file.fail(failure);
        }
      }
      release();
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
    if (e instanceof FillJob.StoppedException || Thread.currentThread().isInterrupted()) {
      // A stop is an ordinary event, and the next fill goes on from here.
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
