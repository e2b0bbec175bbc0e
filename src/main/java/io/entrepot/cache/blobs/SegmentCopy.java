package io.entrepot.cache.blobs;

import io.entrepot.cache.ClientErrors;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.SpoolFile;
import io.entrepot.upstream.BrokenResponse;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies one segment of a blob from the upstream into the spool file. If the response is
 * interrupted, it requests the rest. It blocks. One thread runs it, and any thread can make it give
 * way.
 */
final class SegmentCopy {
  /**
   * How many interruptions in a row without any new byte end it. Interruptions after progress are
   * not counted.
   */
  static final int MAX_BREAKS_WITHOUT_PROGRESS = 3;

  private static final Logger log = LoggerFactory.getLogger(SegmentCopy.class);
  private static final int CHUNK = 64 << 10;

  private final From from;
  private final Segments segments;
  private final Segment segment;
  private final IntPredicate grown;
  private volatile boolean resumable;
  private volatile boolean givesWay;

  /**
   * Where the bytes come from.
   *
   * @param pause the wait between an interruption and the next attempt
   * @param nanoTime measures how fast they come
   */
  record From(BlobProvider provider, Pause pause, LongSupplier nanoTime) {}

  /**
   * Makes a copy that has not begun.
   *
   * @param grown told how many bytes have been written; returns false to stop the fill at once
   */
  SegmentCopy(From from, Segments segments, Segment segment, IntPredicate grown) {
    this.from = from;
    this.segments = segments;
    this.segment = segment;
    this.grown = grown;
  }

  /** Makes {@link #run} return soon: its response is closed. Any thread may call this. */
  void giveWay() {
    givesWay = true;
    segment.close();
  }

  /** Whether {@link #giveWay} would have an effect at once, and no byte would be fetched twice. */
  boolean canGiveWay() {
    return segment.isOpen() && resumable;
  }

  boolean gaveWay() {
    return givesWay;
  }

  /**
   * Copies until the segment is complete, or it gives way, or it cannot be used: then the fill does
   * without it.
   *
   * @param first the response that has begun; null to request it
   */
  void run(@Nullable UpstreamBody first) throws UpstreamException, IOException {
    UpstreamBody body = first;
    BrokenResponse after = null;
    int breaks = 0;
    while (true) {
      long before = segments.at(segment);
      try {
        body = body == null ? fetch(after) : body;
        body = body == null ? null : usable(body);
        if (body != null) {
          copy(body);
        }
        return;
      } catch (UpstreamException e) {
        boolean refused = !segment.endless && isNoPart(e);
        if (refused) {
          segments.ranges().refused(String.valueOf(e.getMessage()));
        }
        if (givesWay || (refused && segment.ahead) || segment.isStopped()) {
          return;
        }
        if (refused) {
          segments.toTheEnd(segment);
        }
        breaks = segments.at(segment) > before ? 1 : breaks + 1;
        if (!ClientErrors.leavesOpen(e) || breaks > MAX_BREAKS_WITHOUT_PROGRESS) {
          throw e;
        }
        log.info(
            "The fill of {} was interrupted at byte {}: {}",
            from.provider().digest(),
            segments.at(segment),
            e.getMessage());
        after = body == null ? after : body.asBroken();
        body = null;
        from.pause().beforeTry(breaks, e.retryAfter().orElse(Duration.ZERO));
      }
    }
  }

  /** Asks for the rest of the segment. Returns null if nothing is left of it. */
  private @Nullable UpstreamBody fetch(@Nullable BrokenResponse after) throws UpstreamException {
    long at = segments.at(segment);
    long end = segments.end(segment);
    if (at >= end) {
      return null; // another has its end
    }
    segments.asked(segment);
    long last = segment.endless ? Long.MAX_VALUE : end - 1;
    return from.provider().fetch(new FetchRange(at, last, after));
  }

  /** Whether an upstream that says so of a range sends no parts, or not so many. */
  static boolean isNoPart(UpstreamException e) {
    return e.isUnusable() || e.failure() == Failure.THROTTLED;
  }

  /**
   * Looks whether a response is what was asked for. If not, the fill goes on by one stream.
   *
   * @return the response to copy; null if there is none
   */
  private @Nullable UpstreamBody usable(UpstreamBody body) throws UpstreamException {
    boolean fits = segments.fits(body) && body.hasLength();
    if (segment.endless) {
      return body; // the one stream: the digest shows whether it is right
    }
    boolean isPart = !body.isWhole();
    if (isPart && fits) {
      if (segments.accept(segment)) {
        return body;
      }
      body.close();
      return null;
    }
    segments
        .ranges()
        .refused(
            isPart
                ? "a part has no length, or is of another blob than the one before"
                : "it sends the whole");
    if (segment.ahead) {
      body.close();
      return null;
    }
    segments.toTheEnd(segment);
    if (!isPart) {
      return body;
    }
    body.close();
    return fetch(null);
  }

  /**
   * Writes a body to the file until the segment ends. An upstream that ignores the range sends the
   * whole blob again; then the bytes that are already in the file are skipped. The digest shows in
   * the end whether both parts belong together.
   *
   * @throws UpstreamException if the response is interrupted
   * @throws IOException if the disk has failed or all clients have left; another attempt would not
   *     help
   */
  private void copy(UpstreamBody body) throws UpstreamException, IOException {
    try (body) {
      byte[] chunk = new byte[CHUNK];
      long toSkip = segments.at(segment) - body.offset();
      resumable = toSkip == 0 && segments.file().size() != SpoolFile.UNKNOWN_SIZE;
      segment.open(body); // before the first look at givesWay
      int n = 0;
      while (goesOn() && (n = read(body, chunk)) >= 0) {
        int skipped = (int) Math.min(n, toSkip);
        toSkip -= skipped;
        if (n > skipped && !write(ByteBuffer.wrap(chunk, skipped, n - skipped))) {
          return;
        }
      }
      if (n < 0 && !segments.isComplete(segment)) {
        endsEarly();
      } else if (!segment.endless && segments.isComplete(segment)) {
        segments.ranges().shown();
      }
    } finally {
      segment.open(null);
    }
  }

  /** A part that comes much slower than the stream beside it is left to that. */
  private boolean goesOn() {
    if (segment.ahead && segments.isSlow(segment)) {
      segments.ranges().refused("a part comes much slower than the rest of its blob");
      return false;
    }
    return !givesWay && !segments.isComplete(segment);
  }

  /** Returns false if the disk does not keep these bytes. */
  private boolean write(ByteBuffer bytes) throws IOException {
    int length = segments.take(segment, bytes.remaining());
    boolean kept;
    try {
      long end = segments.at(segment);
      from.provider().checkSize(end);
      kept =
          length == 0
              || segments.file().write(bytes.limit(bytes.position() + length), end - length);
    } finally {
      segments.wrote(segment);
    }
    if (kept && length > 0 && !grown.test(length)) {
      AbandonedException left = new AbandonedException(from.provider().digest());
      segments.fail(left);
      throw left;
    }
    return kept;
  }

  /** The body has ended in order, before the end of the segment. */
  private void endsEarly() throws CorruptBlobException {
    SpoolFile file = segments.file();
    if (segment.ahead) {
      segments.ranges().refused("a part is shorter than it should be");
    } else if (file.size() != SpoolFile.UNKNOWN_SIZE) {
      throw new CorruptBlobException(
          file.written() + " bytes came where " + file.size() + " were announced");
    }
  }

  private int read(UpstreamBody body, byte[] chunk) throws UpstreamException {
    try {
      return body.stream().read(chunk);
    } catch (IOException e) {
      throw new UpstreamException(
          e instanceof SocketTimeoutException ? Failure.TIMEOUT : Failure.UNREACHABLE,
          "the upstream's response for "
              + from.provider().digest()
              + " was interrupted at byte "
              + segments.at(segment)
              + ": "
              + e.getMessage(),
          null,
          e);
    }
  }
}
