package io.entrepot.cache.blobs;

import io.entrepot.routing.Job;
import io.entrepot.routing.Jobs;
import io.entrepot.upstream.UpstreamException;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches a part of a blob beside its fill, segment by segment. Its connection counts as that of a
 * fill. If it fails, the fill fetches the rest in its own time.
 */
abstract class SegmentJob implements Job {
  private static final Logger log = LoggerFactory.getLogger(SegmentJob.class);

  private final Parts parts;
  private @Nullable Segment segment;
  private volatile @Nullable SegmentCopy copy;

  /**
   * What a job consists of.
   *
   * @param grown told how many bytes have come; returns false to stop the fill
   */
  record Parts(
      InFlightBlob flight,
      Segments segments,
      SegmentCopy.From from,
      IntPredicate grown,
      Jobs jobs,
      String client) {}

  private SegmentJob(Parts parts) {
    this.parts = parts;
  }

  /**
   * Begins to fetch what a client waits for, far ahead of the fill.
   *
   * @param next the next segment; null if there is none, or it need not be fetched beside the fill
   */
  static void forClient(Parts parts, Supplier<@Nullable Segment> next) {
    SegmentJob job = new ForClient(parts, next);
    if (!job.takes()) {
      return;
    }
    try {
      parts.jobs().execute(job);
    } catch (RejectedExecutionException e) {
      job.drop();
    }
  }

  /** Makes a fill faster by one more connection, when no other job waits for one. */
  static void whenIdle(Parts parts) {
    parts.jobs().whenIdle(new WhenIdle(parts));
  }

  /** What a client waits for. */
  private static final class ForClient extends SegmentJob {
    private final Supplier<@Nullable Segment> next;

    ForClient(Parts parts, Supplier<@Nullable Segment> next) {
      super(parts);
      this.next = next;
    }

    @Override
    @Nullable Segment next() {
      return next.get();
    }

    @Override
    public boolean isWanted() {
      return super.parts.flight().isWanted();
    }
  }

  /** What makes a fill faster. It gives way to all other jobs. */
  private static final class WhenIdle extends SegmentJob {
    WhenIdle(Parts parts) {
      super(parts);
    }

    @Override
    @Nullable Segment next() {
      return super.parts.segments().beside();
    }

    @Override
    public void run() {
      try {
        if (takes()) {
          super.run();
        }
      } finally {
        super.parts.flight().connections().ended();
      }
    }

    @Override
    void failed() {
      super.parts.flight().connections().addNoMore();
    }

    @Override
    public boolean isWanted() {
      return false;
    }
  }

  /** The upstream does not send a segment. */
  void failed() {}

  /** The next segment; null if there is none. */
  abstract @Nullable Segment next();

  /** Takes the first segment, and holds the file. Returns false if there is none. */
  final boolean takes() {
    if (!parts.segments().file().hold()) {
      return false;
    }
    segment = next();
    if (segment == null) {
      parts.segments().file().release();
    }
    return segment != null;
  }

  @Override
  public String client() {
    return parts.client();
  }

  @Override
  public boolean isLarge() {
    return true;
  }

  @Override
  public boolean canGiveWay() {
    SegmentCopy running = copy;
    return running != null && running.canGiveWay();
  }

  @Override
  public void giveWay() {
    SegmentCopy running = copy;
    if (running != null) {
      running.giveWay();
    }
  }

  @Override
  public void run() {
    boolean again = false;
    try {
      again = copyAll();
    } catch (UpstreamException e) {
      failed();
      log.info("A segment of {} is left to the fill: {}", parts.flight().digest(), e.getMessage());
    } catch (AbandonedException e) {
      log.debug("A segment ends with its fill", e);
    } catch (IOException e) {
      parts
          .segments()
          .fail(Thread.currentThread().isInterrupted() ? new FillJob.StoppedException() : e);
    } finally {
      copy = null;
      if (!again) {
        drop();
      }
    }
    if (again) {
      goOn();
    }
  }

  /** Returns true if it has given way, and a client still waits for the rest. */
  private boolean copyAll() throws UpstreamException, IOException {
    Segments segments = parts.segments();
    for (Segment taken = segment; taken != null; taken = segment) {
      SegmentCopy running = new SegmentCopy(parts.from(), segments, taken, parts.grown());
      copy = running;
      running.run(null);
      if (running.gaveWay()) {
        return isWanted();
      }
      Segment next = segments.isComplete(taken) ? next() : null;
      segments.release(taken);
      segment = next;
    }
    return false;
  }

  private void goOn() {
    try {
      parts.jobs().goOn(this);
    } catch (RejectedExecutionException e) {
      drop();
    }
  }

  /** Leaves what is missing to the fill. */
  @Override
  public void drop() {
    Segment left = segment;
    if (left != null) {
      segment = null;
      parts.segments().release(left);
    }
    parts.segments().file().release();
  }
}
