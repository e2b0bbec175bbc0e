package io.entrepot.cache.blobs;

import io.entrepot.cache.ClientErrors;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.Spool;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blocking part of a fill: reads what a provider sends into a spool file, and when that breaks
 * off, asks for the rest. Runs on one thread of the fill executor.
 */
final class Fill {
  /**
   * A break costs nothing while the blob grows; only breaks without progress in a row are counted.
   */
  static final int MAX_BREAKS_WITHOUT_PROGRESS = 3;

  private static final Logger log = LoggerFactory.getLogger(Fill.class);
  private static final int CHUNK = 64 << 10;

  private final BlobProvider provider;
  private final Spool spool;
  private final Digest digest;
  private final FetchRange wanted;
  private final Pause pause;

  /**
   * Nothing is fetched yet.
   *
   * @param wanted all of the blob, or a range of it
   * @param pause the wait between a break and the next try
   */
  Fill(BlobProvider provider, Spool spool, Digest digest, FetchRange wanted, Pause pause) {
    this.provider = provider;
    this.spool = spool;
    this.digest = digest;
    this.wanted = wanted;
    this.pause = pause;
  }

  /** Where the fill tells of itself. */
  interface Listener {
    /**
     * The upstream has answered.
     *
     * @param file holds one hold, which the listener must release in the end
     * @param size of the whole blob, or {@link SpoolFile#UNKNOWN_SIZE}
     */
    void begun(SpoolFile file, long size);

    /**
     * So many bytes have come; the watermark may have risen.
     *
     * @return false to stop at once
     */
    boolean grown(int bytes);
  }

  /**
   * Fetches everything and verifies it.
   *
   * @return the sealed spool file
   * @throws UpstreamException when the upstream does not give the blob
   * @throws CorruptBlobException when it gave something else
   * @throws OciException when it is larger than is allowed
   * @throws AbandonedException when the listener wanted it stopped
   * @throws IOException when neither the disk nor any client takes it
   */
  SpoolFile run(Listener listener) throws UpstreamException, IOException {
    SpoolFile broken = wanted.isWhole() ? spool.resume(digest).orElse(null) : null;
    if (broken != null) {
      UpstreamBody rest = fetchRest(broken);
      if (rest != null) {
        return fill(rest, broken, broken.size(), listener);
      }
    }
    UpstreamBody body = provider.fetch(wanted);
    long size = body.blobSize().orElse(SpoolFile.UNKNOWN_SIZE);
    try {
      provider.checkSize(size);
      return fill(body, begin(body, size), size, listener);
    } catch (RuntimeException e) {
      body.close();
      throw e;
    }
  }

  /**
   * Asks for the rest of a fill that an earlier run or an earlier failure has broken.
   *
   * @return null when the upstream does not give it, or the blob is of another size now; the old
   *     part is gone then
   */
  private @Nullable UpstreamBody fetchRest(SpoolFile broken) throws UpstreamException {
    try {
      provider.checkSize(broken.size());
      UpstreamBody rest = resume(broken, null);
      if (rest.blobSize().orElse(broken.size()) == broken.size()) {
        log.info("The fill of {} goes on at byte {}", digest, broken.written());
        return rest;
      }
      rest.close();
    } catch (OciException e) {
      letGo(broken, false);
      throw e;
    } catch (UpstreamException e) {
      if (e.failure() != UpstreamException.Failure.INVALID) {
        letGo(broken, true);
        throw e;
      }
      log.info("The upstream gives no rest of {}: {}", digest, e.getMessage());
    } catch (RuntimeException e) {
      letGo(broken, true);
      throw e;
    }
    letGo(broken, false);
    return null;
  }

  private void letGo(SpoolFile broken, boolean keep) {
    if (keep) {
      spool.leave(broken);
    } else {
      spool.discard(broken);
    }
    broken.release();
  }

  private SpoolFile fill(UpstreamBody body, SpoolFile file, long size, Listener listener)
      throws UpstreamException, IOException {
    try {
      listener.begun(file, size);
      copyWithResume(body, file, listener);
      file.seal();
      return file;
    } catch (CorruptBlobException | OciException e) {
      spool.discard(file);
      throw e;
    } catch (IOException | UpstreamException | RuntimeException e) {
      spool.leave(file);
      throw e;
    }
  }

  private SpoolFile begin(UpstreamBody body, long size) {
    if (wanted.isWhole()) {
      return spool.begin(digest, size);
    }
    if (body.offset() != wanted.first()) {
      throw new OciException(
          OciError.UPSTREAM_FAILED, "the upstream does not give parts of " + digest);
    }
    long end = Math.min(wanted.last(), size - 1) + 1;
    return spool.beginPart(digest, end - wanted.first());
  }

  private void copyWithResume(UpstreamBody first, SpoolFile file, Listener listener)
      throws UpstreamException, IOException {
    UpstreamBody body = first;
    boolean broken = false;
    int breaks = 0;
    while (true) {
      long before = file.written();
      try {
        if (broken) {
          body = resume(file, body.asBroken());
          broken = false;
        }
        copy(body, file, listener);
        return;
      } catch (UpstreamException e) {
        breaks = file.written() > before ? 1 : breaks + 1;
        if (!ClientErrors.leavesOpen(e) || breaks > MAX_BREAKS_WITHOUT_PROGRESS) {
          throw e;
        }
        log.info("Fill of {} broke at byte {}: {}", digest, file.written(), e.getMessage());
        broken = true;
        pause.beforeTry(breaks, e.retryAfter().orElse(Duration.ZERO));
      }
    }
  }

  private UpstreamBody resume(SpoolFile file, @Nullable BrokenResponse after)
      throws UpstreamException {
    long at = wanted.first() + file.written();
    return provider.fetch(new FetchRange(at, wanted.last(), after));
  }

  /**
   * Appends a body until it ends. An upstream that ignores the range sends all again: what is here
   * already is passed over, and the digest decides whether the two halves belong together.
   *
   * @throws UpstreamException when the upstream breaks off
   * @throws IOException when the disk failed or nobody wants the bytes; resuming would not help
   */
  private void copy(UpstreamBody body, SpoolFile file, Listener listener)
      throws UpstreamException, IOException {
    try (body) {
      byte[] chunk = new byte[CHUNK];
      long toSkip = wanted.first() + file.written() - body.offset();
      int n;
      while (!file.isFull() && (n = read(body, chunk, file)) >= 0) {
        int from = (int) Math.min(n, toSkip);
        toSkip -= from;
        int length = (int) Math.min(n - from, file.room());
        if (length > 0) {
          provider.checkSize(file.written() + length);
          file.append(ByteBuffer.wrap(chunk, from, length));
          if (!listener.grown(length)) {
            throw new AbandonedException(digest);
          }
        }
      }
    }
  }

  private int read(UpstreamBody body, byte[] chunk, SpoolFile file) throws UpstreamException {
    try {
      return body.stream().read(chunk);
    } catch (IOException e) {
      throw new UpstreamException(
          e instanceof SocketTimeoutException ? Failure.TIMEOUT : Failure.UNREACHABLE,
          "the upstream broke off " + digest + " at byte " + file.written() + ": " + e.getMessage(),
          null,
          e);
    }
  }
}
