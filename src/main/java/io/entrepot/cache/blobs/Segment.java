package io.entrepot.cache.blobs;

import io.entrepot.spool.SpoolFile;
import io.entrepot.upstream.UpstreamBody;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a blob that one thread fetches, from its next byte to its end. {@link Segments}
 * guards its fields, because another segment may take over what comes later.
 */
final class Segment {
  /** The first byte that is not written. Up to {@link #at} the thread writes now. */
  long written;

  /** The next byte to fetch. */
  long at;

  long end;

  /** Whether the upstream is asked for everything up to the end of the blob. */
  boolean endless;

  /** Whether it was asked for beside the fill: for a client, or to make the fill faster. */
  final boolean ahead;

  /** Whether it counts: the upstream sends it, or it is the fill's own. */
  boolean accepted;

  /** When the upstream was asked for it last. */
  StreamSpeed.@Nullable Mark asked;

  private volatile @Nullable UpstreamBody open;
  private volatile boolean stopped;

  Segment(long at, long end, boolean ahead) {
    this.written = at;
    this.at = at;
    this.end = end;
    this.ahead = ahead;
    this.accepted = !ahead;
  }

  /** Whether a byte is this segment's: it is being written, or is still to be fetched. */
  boolean has(long offset) {
    return written <= offset && offset < end;
  }

  /** Whether it comes soon to a byte that it has. */
  boolean isNear(long offset) {
    return offset - at <= SpoolFile.FAR_AHEAD;
  }

  /** Remembers the response that is being read, or that there is none. */
  void open(@Nullable UpstreamBody body) {
    open = body;
    if (stopped && body != null) {
      body.close();
    }
  }

  /** Whether a response is being read. */
  boolean isOpen() {
    return open != null;
  }

  /** Closes the response that is being read. Any thread may call this. */
  void close() {
    UpstreamBody body = open;
    if (body != null) {
      body.close();
    }
  }

  /** Closes this response and all later ones, because the fill ends. */
  void stop() {
    stopped = true;
    close();
  }

  boolean isStopped() {
    return stopped;
  }
}
