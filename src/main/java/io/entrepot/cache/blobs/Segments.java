package io.entrepot.cache.blobs;

import io.entrepot.oci.ByteRange;
import io.entrepot.spool.SpoolFile;
import io.entrepot.spool.Stretches;
import io.entrepot.upstream.UpstreamBody;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who fetches which part of one blob. The fill itself always takes the first part that is missing.
 * A part that a client waits for, further ahead, is a segment of its own. No byte is in two of
 * them, so each is fetched and written once. Thread-safe. Its monitor is the innermost.
 */
final class Segments {
  /** So far after the hash a segment may begin that no client waits for: it is read back then. */
  static final long RUN_AHEAD = 64L << 20;

  private final SpoolFile file;
  private final RangeSupport ranges;
  private final long length;
  private final StreamSpeed stream;
  private final List<Segment> running = new ArrayList<>();
  private final Map<URI, String> etags = new HashMap<>(); // by upstream and mirror
  private CompletableFuture<Void> ended = CompletableFuture.completedFuture(null);
  private int writing;
  private @Nullable IOException failure;

  /**
   * Begins without segments.
   *
   * @param length how much is asked for at a time, where the upstream sends parts, in bytes
   * @param nanoTime measures how fast it comes
   */
  Segments(SpoolFile file, RangeSupport ranges, long length, LongSupplier nanoTime) {
    this.file = file;
    this.ranges = ranges;
    this.length = length;
    this.stream = new StreamSpeed(nanoTime);
  }

  SpoolFile file() {
    return file;
  }

  RangeSupport ranges() {
    return ranges;
  }

  /** The first segment of the fill: after what is here already, to the end or not. */
  synchronized Segment first(boolean endless) {
    return ofFill(file.here().prefix(), endless);
  }

  /**
   * The next segment of the fill: it begins at the first byte that nobody fetches.
   *
   * @return null if others fetch all that is missing; {@link #ended} tells when to ask again
   * @throws IOException if another segment has found that the fill must end
   */
  synchronized @Nullable Segment next() throws IOException {
    checkGoesOn();
    boolean kept = file.canBeKept();
    boolean endless = !ranges.isShown() || !kept;
    long at = firstMissing(0, (other, offset) -> !endless || isSure(other));
    if (at == file.size() || (!kept && !running.isEmpty())) {
      ended = new CompletableFuture<>();
      return null;
    }
    return ofFill(at, endless);
  }

  private Segment ofFill(long at, boolean endless) {
    long end = endless ? blobEnd() : at + length;
    Segment segment = new Segment(at, Math.min(end, limit(at, endless)), false);
    segment.endless = endless;
    running.add(segment);
    return segment;
  }

  /** The end of the blob, as far as is known. */
  private long blobEnd() {
    return file.size() == SpoolFile.UNKNOWN_SIZE ? Long.MAX_VALUE : file.size();
  }

  /**
   * A segment for a client, at the first byte of its range that is missing.
   *
   * @return null if that need not be fetched separately: it is here, or will be soon, or the
   *     upstream or the disk does not allow it
   */
  synchronized @Nullable Segment ahead(ByteRange range) {
    long at = firstMissing(range.first(), (other, offset) -> isSure(other) && other.isNear(offset));
    boolean none = at > range.last() || at >= blobEnd() || isSoonAt(at);
    return none || !takesMore() ? null : beside(at, range.last() + 1);
  }

  /**
   * A segment that no client waits for, which makes the fill faster.
   *
   * @return null if nothing is left, or what is left is too far ahead, or it is not possible
   */
  synchronized @Nullable Segment beside() {
    long at = placeBeside();
    return at < 0 ? null : beside(at, blobEnd());
  }

  /** Whether {@link #beside} would find a segment. */
  synchronized boolean hasPlaceBeside() {
    return placeBeside() >= 0;
  }

  private long placeBeside() {
    long from = 0;
    for (Segment other : running) {
      // One that goes to the end comes soon to what it has not begun.
      from = other.endless ? Math.max(from, other.at + length) : from;
    }
    long at = firstMissing(from, (other, offset) -> !other.endless);
    boolean within = at < blobEnd() && at < file.hashed() + RUN_AHEAD;
    return within && takesMore() && file.size() != SpoolFile.UNKNOWN_SIZE ? at : -1;
  }

  private boolean takesMore() {
    boolean few = file.here().count() + running.size() < Stretches.MAX;
    return few && failure == null && ranges.isPossible() && file.canBeKept();
  }

  private Segment beside(long at, long last) {
    long end = Math.min(last, at + length);
    Segment segment = new Segment(at, Math.min(end, limit(at, false)), true);
    running.add(segment);
    return segment;
  }

  /** Whether the fill, or a segment that has been asked for, will reach a byte soon. */
  private boolean isSoonAt(long at) {
    if (at <= file.here().prefix() + SpoolFile.FAR_AHEAD) {
      return true;
    }
    for (Segment other : running) {
      if (other.has(at) && other.isNear(at)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The first missing byte from an offset on that no segment fetches.
   *
   * @param counts whether a segment counts that has the byte at an offset
   */
  private long firstMissing(long from, BiPredicate<Segment, Long> counts) {
    long at = from;
    while (true) {
      long next = file.here().endFrom(at);
      for (Segment other : running) {
        if (other.has(next) && counts.test(other, next)) {
          next = other.end;
        }
      }
      if (next == at) {
        return at;
      }
      at = next;
    }
  }

  /** Whether the upstream sends a segment, and has not been asked for the rest of the blob too. */
  private static boolean isSure(Segment segment) {
    return segment.accepted && !segment.endless;
  }

  /** Where a segment that begins here must end, because the rest is here or is another's. */
  private long limit(long at, boolean acceptedOnly) {
    long limit = Math.min(blobEnd(), file.here().nextAfter(at));
    for (Segment other : running) {
      if (other.written > at && (other.accepted || !acceptedOnly)) {
        limit = Math.min(limit, other.written);
      }
    }
    return limit;
  }

  /**
   * The upstream sends a segment that was asked for ahead. One that would come to its first byte
   * later now ends here.
   *
   * @return false if its first byte is here meanwhile, or is another's
   */
  synchronized boolean accept(Segment segment) {
    if (segment.accepted) {
      return true;
    }
    if (file.here().endFrom(segment.at) != segment.at) {
      return false;
    }
    for (Segment other : running) {
      if (other.accepted && other.has(segment.at)) {
        if (segment.at < other.at) {
          return false; // it is being written
        }
        other.end = segment.at;
      }
    }
    segment.end = Math.min(segment.end, limit(segment.at, true));
    segment.accepted = true;
    return true;
  }

  /** The upstream is asked for a segment now. */
  synchronized void asked(Segment segment) {
    segment.asked = stream.mark(segment.at);
  }

  /**
   * Whether a segment comes much slower than one response for the rest of the blob, which the
   * upstream has sent at the same time.
   */
  synchronized boolean isSlow(Segment segment) {
    StreamSpeed.Mark asked = segment.asked;
    return asked != null && stream.isMuchFasterThan(asked, segment.at);
  }

  /** Lets a segment of the fill go on to the end, since the upstream sends no parts. */
  synchronized void toTheEnd(Segment segment) {
    segment.endless = true;
    segment.end = limit(segment.at, true);
  }

  /** Whether all of a segment has come. */
  synchronized boolean isComplete(Segment segment) {
    return segment.at >= segment.end;
  }

  /** The offset of the next byte of a segment. */
  synchronized long at(Segment segment) {
    return segment.at;
  }

  /** The offset after the last byte of a segment. */
  synchronized long end(Segment segment) {
    return segment.end;
  }

  /**
   * Takes bytes for writing; {@link #wrote} must follow.
   *
   * @return how many belong to the segment: fewer where another has its end
   * @throws IOException if another segment has found that the fill must end
   */
  synchronized int take(Segment segment, int bytes) throws IOException {
    checkGoesOn();
    int taken = (int) Math.min(bytes, segment.end - segment.at);
    segment.at += taken;
    if (segment.endless) {
      stream.streamed(taken);
    }
    writing++;
    return taken;
  }

  /** What was taken is written, or cannot be: then it is missing, and may be fetched again. */
  synchronized void wrote(Segment segment) {
    segment.written = segment.at;
    writing--;
    notifyAll();
  }

  /** Ends a segment. What is missing of it can be fetched by another: the fill comes back to it. */
  void release(Segment segment) {
    CompletableFuture<Void> waiting;
    synchronized (this) {
      running.remove(segment);
      long at = segment.at;
      if (at < segment.end && firstMissing(at, (other, offset) -> true) == at) {
        comeBackTo(at);
      }
      waiting = ended;
    }
    waiting.complete(null);
  }

  /** Ends what the fill fetches after a missing byte, unless that is nearly all here. */
  private void comeBackTo(long missing) {
    for (Segment other : running) {
      if (!other.ahead && other.at > missing && !other.isNear(other.end)) {
        other.end = other.at;
      }
    }
  }

  /** Completes when a segment has ended since {@link #next} found nothing. */
  synchronized CompletableFuture<Void> ended() {
    return ended;
  }

  /**
   * Whether a response is of the same blob as those before: one that has the same size, and the
   * same {@code ETag} where the same upstream or mirror has sent it.
   */
  synchronized boolean fits(UpstreamBody body) {
    ranges.answered(body.server());
    OptionalLong size = body.blobSize();
    if (size.isPresent() && size.getAsLong() != file.size()) {
      return false;
    }
    String etag = body.etag();
    String before = etag == null ? null : etags.putIfAbsent(body.source(), etag);
    return before == null || before.equals(etag);
  }

  private void checkGoesOn() throws IOException {
    IOException why = failure;
    if (why != null) {
      throw why;
    }
  }

  /** Lets all segments end soon, and the fill with them. */
  void fail(IOException why) {
    List<Segment> ending;
    synchronized (this) {
      failure = failure == null ? why : failure;
      ending = List.copyOf(running);
    }
    ending.forEach(Segment::stop);
  }

  /** Lets all segments end, and returns when nobody writes any more. */
  void end() {
    fail(new IOException("the fill has ended"));
    boolean interrupted = false;
    synchronized (this) {
      while (writing > 0) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
