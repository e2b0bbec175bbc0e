package io.entrepot.cache.blobs;

import io.entrepot.cache.ClientErrors;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.FillKey;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fill: copies what a provider sends into a spool file. If the response is interrupted, it
 * requests the rest. It blocks. One thread at a time runs it, and any thread can make it give way.
 */
final class Fill {
  /**
   * How many interruptions in a row without any new byte end the fill. Interruptions after progress
   * are not counted.
   */
  static final int MAX_BREAKS_WITHOUT_PROGRESS = 3;

  private static final Logger log = LoggerFactory.getLogger(Fill.class);
  private static final int CHUNK = 64 << 10;

  private final BlobProvider provider;
  private final Spool spool;
  private final FillKey key;
  private final Digest digest;
  private final FetchRange wanted;
  private final Pause pause;
  private @Nullable SpoolFile file;
  private @Nullable Answer answered;
  private CompletableFuture<Void> room = CompletableFuture.completedFuture(null);
  private volatile @Nullable UpstreamBody open;
  private volatile boolean resumable;
  private volatile boolean givesWay;

  /**
   * Makes a fill that has not begun.
   *
   * @param wanted the whole blob, or a range of it
   * @param pause the wait between an interruption and the next attempt
   */
  Fill(BlobProvider provider, Spool spool, FillKey key, FetchRange wanted, Pause pause) {
    this.provider = provider;
    this.spool = spool;
    this.key = key;
    this.digest = key.digest();
    this.wanted = wanted;
    this.pause = pause;
  }

  Digest digest() {
    return digest;
  }

  /** Receives the progress of a fill. */
  interface Listener {
    /**
     * Called when the upstream has answered.
     *
     * @param file the spool file; the listener must release it in the end
     * @param size the size of the whole blob in bytes, or {@link SpoolFile#UNKNOWN_SIZE}
     */
    void begun(SpoolFile file, long size);

    /**
     * Called when bytes have arrived; the watermark may have risen.
     *
     * @param bytes the number of new bytes
     * @return false to stop the fill at once
     */
    boolean grown(int bytes);
  }

  /**
   * Fetches and verifies the blob or range, until it is complete or the fill has to give way.
   *
   * @return the sealed spool file; empty if the fill has given way, or waits for room. Then another
   *     call goes on with it when it is {@link #ready}, or {@link #leave} ends it.
   * @throws UpstreamException if the upstream does not send it
   * @throws CorruptBlobException if the upstream has sent other bytes
   * @throws OciException if it is larger than allowed
   * @throws AbandonedException if the listener has stopped the fill
   * @throws IOException if the disk fails and no client reads
   */
  Optional<SpoolFile> run(Listener listener) throws UpstreamException, IOException {
    if (file != null) {
      return fill(null, file, listener);
    }
    if (answered == null) {
      SpoolFile broken = wanted.isWhole() ? spool.resume(key).orElse(null) : null;
      UpstreamBody rest = broken == null ? null : fetchRest(broken);
      if (broken != null && rest != null) {
        return begin(rest, broken, broken.size(), listener);
      }
      answered = ask();
    }
    if (!room.isDone()) {
      return Optional.empty();
    }
    Answer answer = answered;
    answered = null;
    return begin(answer.body(), newFile(answer), answer.size(), listener);
  }

  /** The beginning of a response, for which there is no file yet. */
  private record Answer(UpstreamBody body, long size) {}

  private Answer ask() throws UpstreamException {
    UpstreamBody body = provider.fetch(wanted);
    long size = body.blobSize().orElse(SpoolFile.UNKNOWN_SIZE);
    try {
      provider.checkSize(size);
      room = spool.room(wanted.isWhole() ? key.upstream() : null, length(size));
      return new Answer(body, size);
    } catch (RuntimeException e) {
      body.close();
      throw e;
    }
  }

  private Optional<SpoolFile> begin(
      UpstreamBody body, SpoolFile begun, long size, Listener listener)
      throws UpstreamException, IOException {
    file = begun;
    listener.begun(begun, size);
    return fill(body, begun, listener);
  }

  /** Completes when {@link #run} can go on: at once, or when there may be room on the disk. */
  CompletableFuture<Void> ready() {
    return room;
  }

  /**
   * Makes {@link #run} return soon: its response is closed. Any thread may call this. If the fill
   * waits for the beginning of an answer, it gives way after that.
   */
  void giveWay() {
    givesWay = true;
    UpstreamBody body = open;
    if (body != null) {
      body.close();
    }
  }

  /** Whether {@link #giveWay} would have an effect at once, and no byte would be fetched twice. */
  boolean canGiveWay() {
    return open != null && resumable;
  }

  /** Ends a fill that has given way. The next fill of this blob can go on with its bytes. */
  void leave() {
    if (answered != null) {
      answered.body().close();
      answered = null;
    }
    if (file != null) {
      spool.leaveOff(file);
    }
  }

  /**
   * Requests the rest of a blob, of which the first part is left from an interrupted fill.
   *
   * @return null if the upstream does not send the rest, or the blob has another size now; then the
   *     first part is deleted
   */
  private @Nullable UpstreamBody fetchRest(SpoolFile broken) throws UpstreamException {
    try {
      provider.checkSize(broken.size());
      UpstreamBody rest = resume(broken, null);
      if (rest.blobSize().orElse(broken.size()) == broken.size()) {
        log.info("The fill of {} continues at byte {}", digest, broken.written());
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
      log.info("The upstream does not send the rest of {}: {}", digest, e.getMessage());
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

  private Optional<SpoolFile> fill(@Nullable UpstreamBody body, SpoolFile file, Listener listener)
      throws UpstreamException, IOException {
    try {
      if (!copyWithResume(body, file, listener)) {
        givesWay = false; // the next turn is another
        return Optional.empty();
      }
      file.seal();
      return Optional.of(file);
    } catch (CorruptBlobException | OciException e) {
      spool.discard(file);
      throw e;
    } catch (AbandonedException e) {
      spool.leaveOff(file);
      throw e;
    } catch (IOException | UpstreamException | RuntimeException e) {
      spool.leave(file);
      throw e;
    }
  }

  private SpoolFile newFile(Answer answer) {
    if (wanted.isWhole()) {
      return spool.begin(key, answer.size());
    }
    if (answer.body().offset() != wanted.first()) {
      answer.body().close();
      throw new OciException(
          OciError.UPSTREAM_FAILED, "the upstream does not send ranges of " + digest);
    }
    return spool.beginPart(digest, length(answer.size()));
  }

  /** How many bytes of a blob are wanted. */
  private long length(long size) {
    return wanted.isWhole() ? size : Math.min(wanted.last(), size - 1) + 1 - wanted.first();
  }

  /**
   * Appends what is missing.
   *
   * @param first the response that has begun; null to request the missing rest
   * @return whether the file is complete; false if the fill gives way
   */
  private boolean copyWithResume(@Nullable UpstreamBody first, SpoolFile file, Listener listener)
      throws UpstreamException, IOException {
    UpstreamBody body = first;
    BrokenResponse after = null;
    int breaks = 0;
    while (true) {
      long before = file.written();
      try {
        if (body == null) {
          body = resume(file, after);
        }
        return copy(body, file, listener);
      } catch (UpstreamException e) {
        if (givesWay) {
          return false;
        }
        breaks = file.written() > before ? 1 : breaks + 1;
        if (!ClientErrors.leavesOpen(e) || breaks > MAX_BREAKS_WITHOUT_PROGRESS) {
          throw e;
        }
        log.info(
            "The fill of {} was interrupted at byte {}: {}",
            digest,
            file.written(),
            e.getMessage());
        after = body == null ? after : body.asBroken();
        body = null;
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
   * Appends a body to the file until it ends. An upstream that ignores the range sends the whole
   * blob again; then the bytes that are already in the file are skipped. The digest shows in the
   * end whether both parts belong together.
   *
   * @return whether the file is complete; false if the fill gives way
   * @throws UpstreamException if the response is interrupted
   * @throws IOException if the disk has failed or all clients have left; another attempt would not
   *     help
   */
  private boolean copy(UpstreamBody body, SpoolFile file, Listener listener)
      throws UpstreamException, IOException {
    try (body) {
      byte[] chunk = new byte[CHUNK];
      long toSkip = wanted.first() + file.written() - body.offset();
      resumable = toSkip == 0 && file.size() != SpoolFile.UNKNOWN_SIZE;
      open = body; // before the first look at givesWay
      int n;
      while (!givesWay && !file.isFull() && (n = read(body, chunk, file)) >= 0) {
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
      return !givesWay || file.isFull();
    } finally {
      open = null;
    }
  }

  private int read(UpstreamBody body, byte[] chunk, SpoolFile file) throws UpstreamException {
    try {
      return body.stream().read(chunk);
    } catch (IOException e) {
      throw new UpstreamException(
          e instanceof SocketTimeoutException ? Failure.TIMEOUT : Failure.UNREACHABLE,
          "the upstream's response for "
              + digest
              + " was interrupted at byte "
              + file.written()
              + ": "
              + e.getMessage(),
          null,
          e);
    }
  }
}
