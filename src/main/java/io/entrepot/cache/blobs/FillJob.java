package io.entrepot.cache.blobs;

import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.SmallBlobs;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.Job;
import io.entrepot.routing.Jobs;
import io.entrepot.spool.SpoolFile;
import io.entrepot.upstream.UpstreamException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A fill as a job, which runs in turns. When it gives way to another job, it ends if nobody wants
 * its bytes. Else it waits for its next turn, and goes on where it was. Its readers wait too.
 */
abstract class FillJob implements Job, Fill.Listener {
  private final Fill fill;
  private final Jobs jobs;
  private final String client;
  private volatile boolean large;
  private volatile @Nullable SpoolFile file;

  /**
   * What a job consists of.
   *
   * @param jobs runs the job
   * @param large whether many bytes are expected
   */
  record Parts(Fill fill, Jobs jobs, String client, boolean large) {}

  FillJob(Parts parts) {
    fill = parts.fill();
    jobs = parts.jobs();
    client = parts.client();
    large = parts.large();
  }

  @Override
  public String client() {
    return client;
  }

  @Override
  public boolean isLarge() {
    return large;
  }

  @Override
  public boolean canGiveWay() {
    return fill.canGiveWay();
  }

  @Override
  public void giveWay() {
    fill.giveWay();
  }

  final Fill fill() {
    return fill;
  }

  @Override
  public void begun(Segments segments, long size) {
    SpoolFile begun = segments.file();
    file = begun;
    large = begun.size() == SpoolFile.UNKNOWN_SIZE || begun.size() > SmallBlobs.MAX_SIZE;
  }

  /** The spool file; null before the upstream has answered, and after {@link #release}. */
  @Nullable SpoolFile file() {
    return file;
  }

  void release() {
    SpoolFile own = file;
    if (own != null) {
      file = null;
      own.release();
    }
  }

  @Override
  public void run() {
    @Nullable OciException failure =
        new OciException(
            OciError.INTERNAL, "the fill of " + fill.digest() + " ended without a result");
    boolean waits = false;
    boolean stored = false;
    try {
      // A fill that everybody has left while it waited needs no connection to end.
      boolean left = fill.gaveWay() && endsUnread();
      Optional<SpoolFile> sealed = left ? Optional.empty() : fill.run(this);
      if (sealed.isPresent()) {
        failure = null;
        stored = complete(sealed.get());
      } else if (left || (fill.gaveWay() && endsUnread())) {
        fill.leave();
        failure = error(new AbandonedException(fill.digest()));
      } else {
        waits = true;
      }
    } catch (IOException | UpstreamException | RuntimeException e) {
      failure = error(e);
    } finally {
      // Also after an Error: no client may wait for ever.
      if (!waits) {
        end(failure);
        fill.end(stored);
      }
    }
    if (waits) {
      // Without a thread, where it waits for room or for segments that others fetch.
      var unused = fill.ready().thenRun(this::goOn);
    }
  }

  private void goOn() {
    try {
      jobs.goOn(this);
    } catch (RejectedExecutionException e) {
      drop();
    }
  }

  @Override
  public void drop() {
    fill.leave();
    end(
        file == null // a fill that has not begun is not worth a line in the log
            ? ClientErrors.unavailable("the application stops", new StoppedException())
            : error(new StoppedException()));
  }

  /** A fill was stopped because the application stops. */
  static final class StoppedException extends IOException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
      super("the application stops");
    }
  }

  /** Ends the fill if it has had readers and all have left. From then on nobody can join. */
  abstract boolean endsUnread();

  /**
   * All bytes are here.
   *
   * @return whether they are stored
   */
  abstract boolean complete(SpoolFile sealed);

  /** Makes the error for the clients. */
  abstract OciException error(Exception why);

  /**
   * The last call.
   *
   * @param failure null if all bytes are here
   */
  abstract void end(@Nullable OciException failure);
}
