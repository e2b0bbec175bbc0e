package io.entrepot.cache.blobs;

import io.entrepot.oci.ByteRange;
import io.entrepot.routing.Job;
import io.entrepot.routing.Jobs;
import io.entrepot.upstream.UpstreamException;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what a client waits for far ahead of a fill, segment by segment, as a part of that fill.
 * Its connection counts as that of a fill. If it fails, the fill fetches the rest in its own time.
 */
final class SegmentJob implements Job {
  private static final Logger log = LoggerFactory.getLogger(SegmentJob.class);

  private final Wanted wanted;
  private final SegmentCopy.From from;
  private final IntPredicate grown;
  private final Segments segments;
  private Segment segment;
  private volatile SegmentCopy copy;

  /** What is wanted, and for whom. */
  record Wanted(InFlightBlob flight, Jobs jobs, String client, ByteRange range) {}

  private SegmentJob(
      Wanted wanted, SegmentCopy.From from, IntPredicate grown, Segments segments, Segment first) {
    this.wanted = wanted;
    this.from = from;
    this.grown = grown;
    this.segments = segments;
    this.segment = first;
    this.copy = new SegmentCopy(from, segments, first, grown);
  }

  /**
   * Begins, where something must be fetched ahead and can be.
   *
   * @param grown told how many bytes have come; returns false to stop the fill
   */
  static void begin(Wanted wanted, SegmentCopy.From from, IntPredicate grown) {
    Segments segments = wanted.flight().segments();
    if (segments == null || !segments.file().hold()) {
      return;
    }
    Segment first = segments.ahead(wanted.range());
    if (first == null) {
      segments.file().release();
      return;
    }
    SegmentJob job = new SegmentJob(wanted, from, grown, segments, first);
    try {
      wanted.jobs().execute(job);
    } catch (RejectedExecutionException e) {
      job.drop();
    }
  }

  @Override
  public String client() {
    return wanted.client();
  }

  @Override
  public boolean isLarge() {
    return true;
  }

  @Override
  public boolean isWanted() {
    return wanted.flight().isWanted();
  }

  @Override
  public boolean canGiveWay() {
    return copy.canGiveWay();
  }

  @Override
  public void giveWay() {
    copy.giveWay();
  }

  @Override
  public void run() {
    boolean again = false;
    try {
      again = copyAll();
    } catch (UpstreamException e) {
      log.info("A segment of {} is left to the fill: {}", wanted.flight().digest(), e.getMessage());
    } catch (AbandonedException e) {
      log.debug("A segment ends with its fill", e);
    } catch (IOException e) {
      segments.fail(Thread.currentThread().isInterrupted() ? new FillJob.StoppedException() : e);
    } finally {
      if (!again) {
        drop();
      }
    }
    if (again) {
      goOn();
    }
  }

  /** Returns true if it has given way, and the client still waits for the rest. */
  private boolean copyAll() throws UpstreamException, IOException {
    while (true) {
      copy.run(null);
      if (copy.gaveWay()) {
        return isWanted();
      }
      Segment next = segments.isComplete(segment) ? segments.ahead(wanted.range()) : null;
      if (next == null) {
        return false;
      }
      segments.release(segment);
      segment = next;
      copy = new SegmentCopy(from, segments, next, grown);
    }
  }

  private void goOn() {
    copy = new SegmentCopy(from, segments, segment, grown);
    try {
      wanted.jobs().goOn(this);
    } catch (RejectedExecutionException e) {
      drop();
    }
  }

  /** Leaves what is missing to the fill. */
  @Override
  public void drop() {
    segments.release(segment);
    segments.file().release();
  }
}
