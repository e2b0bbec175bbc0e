package io.entrepot.cache.blobs;

import io.entrepot.oci.OciException;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an interrupted fill has left of a blob, and the request for the rest. For the thread of the
 * next fill.
 *
 * @param file has some of the bytes
 * @param provider sends the rest
 * @param spool where the file is left, or discarded, if it is not gone on with
 */
record BrokenFill(SpoolFile file, BlobProvider provider, Spool spool) {
  private static final Logger log = LoggerFactory.getLogger(BrokenFill.class);

  /**
   * Requests what is missing first.
   *
   * @return null if the upstream does not send it, or the blob has another size now; then the file
   *     is deleted
   */
  @Nullable UpstreamBody fetchRest() throws UpstreamException {
    try {
      provider.checkSize(file.size());
      UpstreamBody rest = provider.fetch(missing());
      if (rest.blobSize().orElse(file.size()) == file.size()) {
        log.info(
            "The fill of {} continues at byte {} and has {}",
            provider.digest(),
            file.here().prefix(),
            file.written());
        return rest;
      }
      rest.close();
    } catch (OciException e) {
      letGo(false);
      throw e;
    } catch (UpstreamException e) {
      if (!e.isUnusable()) {
        letGo(true);
        throw e;
      }
      log.info("The upstream does not send the rest of {}: {}", provider.digest(), e.getMessage());
    } catch (RuntimeException e) {
      letGo(true);
      throw e;
    }
    letGo(false);
    return null;
  }

  /** Whether {@link #fetchRest} asks for everything up to the end. */
  boolean isEndless() {
    return missing().last() == Long.MAX_VALUE;
  }

  /** From the first missing byte up to what is there again. */
  private FetchRange missing() {
    long first = file.here().prefix();
    long next = file.here().nextAfter(first);
    return new FetchRange(first, next == Long.MAX_VALUE ? next : next - 1, null);
  }

  private void letGo(boolean keep) {
    if (keep) {
      spool.leave(file);
    } else {
      spool.discard(file);
    }
    file.release();
  }
}
