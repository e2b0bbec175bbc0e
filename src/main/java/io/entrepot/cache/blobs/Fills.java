package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.SmallBlobs;
import io.entrepot.cache.blobs.BlobProvider.Sender;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import io.entrepot.routing.BlobRules;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.spool.FillKey;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs fills on the threads of their source, and stores the blobs. The queues of those threads are
 * limited. Thread-safe.
 */
public final class Fills {
  private final Spool spool;
  private final LocalContent content;
  private final InFlightBlobs inFlight;
  private final BlobProviders providers;
  private final Pause pause;
  private final CacheMeters meters;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final FillErrors errors;

  /** One for each upstream of the configuration. */
  private final ConcurrentMap<String, RangeMemory> ranges = new ConcurrentHashMap<>();

  /**
   * Wires the collaborators.
   *
   * @param inFlight the blobs that are being filled
   * @param providers where blobs come from
   * @param pause the wait between an interruption and the next attempt
   * @param nanoTime measures how fast bytes come
   */
  public Fills(
      Spool spool,
      InFlightBlobs inFlight,
      BlobProviders providers,
      Pause pause,
      CacheMeters meters,
      Clock clock,
      LongSupplier nanoTime) {
    this.spool = spool;
    this.content = providers.content();
    this.inFlight = inFlight;
    this.providers = providers;
    this.pause = pause;
    this.meters = meters;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.errors = new FillErrors(meters);
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
      flight.fail(FillErrors.tooMany(e));
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
   *
   * @return whether it is stored
   */
  private boolean store(InFlightBlob flight, SpoolFile sealed) {
    if (!sealed.canBeKept()) {
      meters.notKept();
      spool.discard(sealed);
      return false;
    }
    try {
      content.store(sealed, flight.digest(), flight.authorised());
      return true;
    } catch (IOException | RuntimeException e) {
      meters.notKept("Blob " + flight.digest(), e);
      spool.discard(sealed);
      return false;
    }
  }

  private SegmentCopy.From from(BlobProvider provider) {
    return new SegmentCopy.From(provider, pause, nanoTime);
  }

  private int parallel(InFlightBlob flight) {
    return flight.source().blobs().parts().parallel();
  }

  private RangeSupport ranges(Source source) {
    return new RangeSupport(
        ranges.computeIfAbsent(source.upstream(), name -> new RangeMemory(name, clock)));
  }

  private FillJob.Parts parts(PullRequest pull, Digest digest) {
    Source source = pull.source();
    boolean large = !content.isListedSmall(digest);
    BlobProvider provider = providers.ofBlob(pull, digest);
    Fill.Place place =
        new PlaceOfBlob(
            spool, new FillKey(source.upstream(), digest), large, source.blobs().parts());
    Fill fill = new Fill(from(provider), spool, place, ranges(source));
    return new FillJob.Parts(fill, source.fills(), pull.network(), large);
  }

  /** The spool file of a whole blob, which another fill can go on with. */
  record PlaceOfBlob(Spool spool, FillKey key, boolean isLarge, BlobRules.Parts parts)
      implements Fill.Place {
    @Override
    public CompletableFuture<Void> room(long size) {
      return spool.room(key.upstream(), size);
    }

    @Override
    public Optional<SpoolFile> resume() {
      return spool.resume(key);
    }

    @Override
    public SpoolFile begin(long size) {
      return spool.begin(key, size);
    }
  }

  /** Counts bytes that have come. Returns false if the fill must stop: all clients have left. */
  private boolean grown(InFlightBlob flight, int bytes, PullRequest pull, Sender sender) {
    if (sender == Sender.UPSTREAM) {
      meters.pulledBlob(flight.source(), bytes);
    }
    // A node sends as fast as the blob comes.
    if (sender != Sender.NODE && flight.connections().grown(bytes)) {
      addConnection(flight, pull);
    }
    return flight.goesOn() || !flight.abandon();
  }

  /**
   * Lets one more connection fetch a part of a blob, when nothing else waits for a connection. It
   * gives way to everything else.
   */
  private void addConnection(InFlightBlob flight, PullRequest pull) {
    Segments segments = flight.segments();
    if (segments == null || pull.source().isScarce() || !segments.hasPlaceBeside()) {
      flight.connections().ended();
      return;
    }
    SegmentJob.whenIdle(parts(flight, segments, pull));
  }

  private SegmentJob.Parts parts(InFlightBlob flight, Segments segments, PullRequest pull) {
    Source source = pull.source();
    BlobProvider provider = providers.ofSegment(pull, flight);
    return new SegmentJob.Parts(
        flight,
        segments,
        from(provider),
        bytes -> grown(flight, bytes, pull, provider.sender()),
        source.fills(),
        pull.network());
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
      super(parts(pull, flight.digest()));
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
    public void begun(Segments segments, long size) {
      super.begun(segments, size);
      Connections connections = new Connections(parallel(flight), nanoTime);
      flight.begin(segments, fill().provider(), connections, clock.instant());
      flight.onAhead(range -> fetchAhead(flight, pull, range));
      // Of a smaller blob no byte is sent before it is verified, so a failure can still become an
      // error response.
      if (size > SpoolFile.HOLD_BACK) {
        flight.started().complete(size);
      }
    }

    @Override
    public boolean grown(int bytes) {
      return Fills.this.grown(flight, bytes, pull, fill().provider().sender());
    }

    @Override
    boolean endsUnread() {
      gaveWay = flight.abandon();
      return gaveWay;
    }

    @Override
    boolean complete(SpoolFile sealed) {
      flight.started().complete(sealed.written());
      return store(flight, sealed);
    }

    @Override
    OciException error(Exception why) {
      return errors.of(flight.source(), flight.digest(), why);
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
   * Fetches a range for one client, separately from the fill of the whole blob, which the disk does
   * not keep.
   *
   * @param size the size of the whole blob in bytes
   * @return the delivery; fails with an {@link OciException} if the upstream does not support
   *     ranges
   */
  CompletableFuture<BlobDelivery> fetchApart(
      PullRequest pull, Digest digest, ByteRange range, long size) {
    Source source = pull.source();
    BlobProvider part = new PartProvider(BlobProvider.of(source, digest, pull.cost()), range);
    Fill fill = new Fill(from(part), spool, new PlaceOfPart(spool, digest), ranges(source));
    boolean large = range.length() > SmallBlobs.MAX_SIZE;
    PartOfBlob job =
        new PartOfBlob(
            new FillJob.Parts(fill, source.fills(), pull.network(), large),
            new PartOfBlob.Wanted(source, digest, range, size),
            spool,
            meters,
            clock);
    try {
      source.fills().execute(job);
    } catch (RejectedExecutionException e) {
      job.answer().completeExceptionally(FillErrors.tooMany(e));
    }
    return job.answer();
  }

  /** The spool file of a range that is delivered and then discarded. It is asked for as it is. */
  private record PlaceOfPart(Spool spool, Digest digest) implements Fill.Place {
    @Override
    public CompletableFuture<Void> room(long size) {
      return spool.room(null, size);
    }

    @Override
    public Optional<SpoolFile> resume() {
      return Optional.empty();
    }

    @Override
    public SpoolFile begin(long size) {
      return spool.beginPart(digest, size);
    }

    @Override
    public boolean isLarge() {
      return false;
    }

    @Override
    public BlobRules.Parts parts() {
      return BlobRules.Parts.ONE_AFTER_ANOTHER;
    }
  }

  /**
   * Begins to fetch what a client waits for far ahead of a fill, as a segment of that fill. Does
   * nothing where that is not needed, or not possible: then the client follows the fill.
   */
  void fetchAhead(InFlightBlob flight, PullRequest pull, ByteRange range) {
    Segments segments = flight.segments();
    if (segments != null) {
      SegmentJob.forClient(parts(flight, segments, pull), () -> segments.ahead(range));
    }
  }
}
