package io.entrepot.cache.blobs;

import io.entrepot.cache.ClientErrors;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import io.entrepot.routing.BlobRules;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A fill: gets what a provider sends into a spool file, segment by segment, until the blob is
 * complete and verified. Others may fetch segments further ahead at the same time. It blocks. One
 * thread at a time runs it, and any thread can make it give way.
 */
final class Fill {
  private final SegmentCopy.From from;
  private final Spool spool;
  private final Place place;
  private final RangeSupport ranges;
  private @Nullable Segments segments;
  private @Nullable Answer answered;
  private CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);
  private volatile @Nullable SegmentCopy copy;
  private volatile boolean givesWay;
  private boolean gaveWay;

  /**
   * Makes a fill that has not begun.
   *
   * @param place where its bytes go
   * @param ranges whether the upstream sends parts
   */
  Fill(SegmentCopy.From from, Spool spool, Place place, RangeSupport ranges) {
    this.from = from;
    this.spool = spool;
    this.place = place;
    this.ranges = ranges;
  }

  Digest digest() {
    return from.provider().digest();
  }

  /** Makes the spool file of a fill. */
  interface Place {
    /** Asks for room, see {@link Spool#room}. */
    CompletableFuture<Void> room(long size);

    /** The file of an earlier fill that can be completed. */
    Optional<SpoolFile> resume();

    /**
     * A new file.
     *
     * @param size in bytes, or {@link SpoolFile#UNKNOWN_SIZE}
     */
    SpoolFile begin(long size);

    /** Whether it is worth to ask for a blob in parts: it is not known to be small. */
    boolean isLarge();

    /** In which parts a large one is asked for. */
    BlobRules.Parts parts();
  }

  /** Receives the progress of a fill. */
  interface Listener {
    /**
     * Called when the upstream has answered.
     *
     * @param segments of the spool file, which the listener must release in the end
     * @param size the size of the whole blob in bytes, or {@link SpoolFile#UNKNOWN_SIZE}
     */
    void begun(Segments segments, long size);

    /**
     * Called when bytes have arrived; the watermark may have risen.
     *
     * @param bytes the number of new bytes
     * @return false to stop the fill at once
     */
    boolean grown(int bytes);
  }

  /**
   * Fetches and verifies the blob, until it is complete or the fill has to wait.
   *
   * @return the sealed spool file; empty if the fill has given way, or waits for room or for
   *     segments that others fetch. Then another call goes on with it when it is {@link #ready}, or
   *     {@link #leave} ends it.
   * @throws UpstreamException if the upstream does not send it
   * @throws CorruptBlobException if the upstream has sent other bytes
   * @throws OciException if it is larger than allowed
   * @throws AbandonedException if the listener has stopped the fill
   * @throws IOException if the disk fails and no client reads
   */
  Optional<SpoolFile> run(Listener listener) throws UpstreamException, IOException {
    gaveWay = false;
    if (segments != null) {
      return fill(null, null, listener);
    }
    if (answered == null) {
      SpoolFile broken = place.resume().orElse(null);
      BrokenFill left = broken == null ? null : new BrokenFill(broken, from.provider(), spool);
      UpstreamBody rest = left == null ? null : left.fetchRest();
      if (left != null && rest != null) {
        return begin(new Answer(rest, left.file().size(), left.isEndless()), left.file(), listener);
      }
      answered = ask();
    }
    if (!ready.isDone()) {
      return Optional.empty();
    }
    Answer answer = answered;
    answered = null;
    return begin(answer, place.begin(answer.size()), listener);
  }

  /**
   * The beginning of a response.
   *
   * @param endless whether the upstream was asked for everything up to the end
   */
  private record Answer(UpstreamBody body, long size, boolean endless) {}

  private Answer ask() throws UpstreamException, IOException {
    boolean endless = !place.isLarge() || !ranges.isShown();
    UpstreamBody body = endless ? null : askForPart();
    if (body == null) {
      endless = true;
      body = from.provider().fetch(FetchRange.WHOLE);
    }
    long size = body.blobSize().orElse(SpoolFile.UNKNOWN_SIZE);
    try {
      from.provider().checkSize(size);
      ready = place.room(size);
      return new Answer(body, size, endless);
    } catch (RuntimeException e) {
      body.close();
      throw e;
    }
  }

  /** Asks for the first part. Returns null if the upstream sends none that can be used. */
  private @Nullable UpstreamBody askForPart() throws UpstreamException, IOException {
    try {
      UpstreamBody body =
          from.provider().fetch(new FetchRange(0, place.parts().length() - 1, null));
      if (body.blobSize().isPresent() && (body.isWhole() || body.hasLength())) {
        return body;
      }
      body.close();
      ranges.refused("it does not say how large the blob or the part is");
    } catch (UpstreamException e) {
      if (!SegmentCopy.isNoPart(e)) {
        throw e;
      }
      ranges.refused(String.valueOf(e.getMessage()));
      if (e.failure() == Failure.THROTTLED) {
        awaitLeave(e);
      }
    }
    return null;
  }

  /**
   * It may be parts that the upstream counts: all of the blob is asked for as soon as it allows.
   */
  private void awaitLeave(UpstreamException throttled) throws UpstreamException, IOException {
    Duration wait = throttled.retryAfter().orElse(Duration.ofDays(1));
    if (wait.compareTo(Pause.LONGEST) > 0) {
      throw throttled;
    }
    from.pause().beforeTry(1, wait.compareTo(ClientErrors.SOON) > 0 ? wait : ClientErrors.SOON);
  }

  private Optional<SpoolFile> begin(Answer answer, SpoolFile file, Listener listener)
      throws UpstreamException, IOException {
    Segments own = new Segments(file, ranges, place.parts().length(), from.nanoTime());
    Segment first = own.first(answer.endless());
    own.asked(first);
    own.fits(answer.body()); // from now on others must fit it, and no other has begun
    segments = own;
    listener.begun(own, answer.size());
    return fill(first, answer.body(), listener);
  }

  /**
   * Completes when {@link #run} can go on: at once, or when there may be room on the disk, or when
   * somebody else has ended a segment.
   */
  CompletableFuture<Void> ready() {
    return ready;
  }

  /** Where its bytes come from. */
  BlobProvider provider() {
    return from.provider();
  }

  /**
   * The fill has ended.
   *
   * @param stored whether its blob is in the store
   */
  void end(boolean stored) {
    from.provider().end(stored);
  }

  /** Whether the last turn ended because another job needs the connection. */
  boolean gaveWay() {
    return gaveWay;
  }

  /**
   * Makes {@link #run} return soon: its response is closed. Any thread may call this. If the fill
   * waits for the beginning of an answer, it gives way after that.
   */
  void giveWay() {
    givesWay = true;
    SegmentCopy running = copy;
    if (running != null) {
      running.giveWay();
    }
  }

  /** Whether {@link #giveWay} would have an effect at once, and no byte would be fetched twice. */
  boolean canGiveWay() {
    SegmentCopy running = copy;
    return running != null && running.canGiveWay();
  }

  /** Ends a fill that has given way. The next fill of this blob can go on with its bytes. */
  void leave() {
    if (answered != null) {
      answered.body().close();
      answered = null;
    }
    if (segments != null) {
      segments.end();
      spool.leaveOff(segments.file());
    }
  }

  private Optional<SpoolFile> fill(
      @Nullable Segment first, @Nullable UpstreamBody body, Listener listener)
      throws UpstreamException, IOException {
    Segments own = segments;
    if (own == null) {
      throw new IllegalStateException("the fill of " + digest() + " has not begun");
    }
    SpoolFile file = own.file();
    try {
      if (!copyAll(own, first, body, listener)) {
        return Optional.empty();
      }
      file.seal();
      return Optional.of(file);
    } catch (CorruptBlobException | OciException e) {
      if (e instanceof CorruptBlobException) {
        from.provider().wasWrong();
      }
      if (e instanceof CorruptBlobException && ranges.isShown()) {
        // A part may have been another one than it said. The next fill is by one stream.
        ranges.refused("the bytes of " + digest() + " were wrong");
      }
      own.end();
      spool.discard(file);
      throw e;
    } catch (AbandonedException e) {
      own.end();
      spool.leaveOff(file);
      throw e;
    } catch (IOException | UpstreamException | RuntimeException e) {
      own.end();
      spool.leave(file);
      throw e;
    }
  }

  /**
   * Copies segment after segment.
   *
   * @return whether the file is complete; false if the fill gives way, or others fetch the rest
   */
  private boolean copyAll(
      Segments own, @Nullable Segment first, @Nullable UpstreamBody body, Listener listener)
      throws UpstreamException, IOException {
    SpoolFile file = own.file();
    Segment segment = first == null ? own.next() : first;
    UpstreamBody begun = body;
    while (segment != null) {
      copy(own, segment, begun, listener);
      boolean ended = file.size() == SpoolFile.UNKNOWN_SIZE && !givesWay;
      if (ended || file.isFull()) {
        return true;
      }
      if (givesWay) {
        givesWay = false; // the next turn is another
        gaveWay = true;
        return false;
      }
      begun = null;
      segment = own.next();
    }
    ready = own.ended();
    return file.isFull();
  }

  private void copy(Segments own, Segment segment, @Nullable UpstreamBody begun, Listener listener)
      throws UpstreamException, IOException {
    SegmentCopy running = new SegmentCopy(from, own, segment, listener::grown);
    copy = running;
    try {
      if (givesWay) {
        running.giveWay();
      }
      running.run(begun);
    } finally {
      copy = null;
      own.release(segment);
    }
  }
}
