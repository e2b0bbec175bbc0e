package io.entrepot.http;

import io.entrepot.cache.BlobReader;
import io.entrepot.oci.OciException;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Moves one client's blob from its reader to its socket without ever blocking a thread.
 *
 * <pre>
 * state     what it waits for          what ends it
 * WRITING   nothing                    socket full → BLOCKED; watermark reached → PARKED; end → DONE
 * BLOCKED   the socket                 the server calls onWritePossible → WRITING; too slow → DONE
 * PARKED    the fill                   the reader's wake, on the executor → WRITING
 * DONE      nothing                    whole; or the client left; or it failed, was dropped: aborted
 * </pre>
 *
 * The callbacks may come at once from different threads. Each counts as a signal; whoever makes the
 * count rise from 0 is the one that moves bytes, until the count is back at 0.
 */
final class BlobPump implements WriteListener {
  private final Exchange exchange;
  private final BlobReader reader;
  private final AsyncAnswers answers;
  private final ServletOutputStream out;
  private final AtomicInteger signals = new AtomicInteger();
  private final int size;
  private final byte @Nullable [] ownChunk;
  private final Runnable wake = this::wake;
  private final Stragglers.Client straggler;
  private volatile @Nullable String dropped;
  private volatile boolean cut;
  private volatile long sent;
  private boolean done;

  /**
   * @param exchange asynchronous, its headers set
   * @param reader closed by the pump in the end
   * @param answers runs the pump when the fill wakes it, and tells of a failure before the first
   *     byte
   */
  BlobPump(Exchange exchange, BlobReader reader, AsyncAnswers answers) throws IOException {
    this.exchange = exchange;
    this.reader = reader;
    this.answers = answers;
    this.out = exchange.response().getOutputStream();
    boolean isTomcat = Sendfile.isTomcat(exchange.request());
    this.size = answers.chunks().join(reader.remaining());
    this.ownChunk = isTomcat ? null : new byte[size]; // what Tomcat cannot send at once, it copies
    if (isTomcat) {
      // So large that a chunk stays in it until it is flushed. Tomcat sends all of a flush at once,
      // but of a write it keeps the last bytes back and is not ready before its poller and one more
      // thread have sent them.
      exchange.response().setBufferSize(size + 1);
    }
    this.straggler = answers.stragglers().watch(this::drop);
  }

  void start() {
    exchange.onCut(this::cut);
    out.setWriteListener(this);
  }

  @Override
  public void onWritePossible() {
    signal();
  }

  private void drop(String why) {
    dropped = why;
    wake();
  }

  private void wake() {
    try {
      answers.pumps().execute(this::signal);
    } catch (RejectedExecutionException e) {
      // The application stops, and with it the fill: this thread finds that out and cuts off.
      signal();
    }
  }

  private void cut() {
    cut = true;
    signal();
  }

  private void signal() {
    if (signals.getAndIncrement() > 0) {
      return;
    }
    int seen = 1;
    do {
      move();
      seen = signals.addAndGet(-seen);
    } while (seen > 0);
  }

  private void move() {
    if (!exchange.use(this::moveOn) && !done) {
      finish();
    }
  }

  private void moveOn() {
    String slow = dropped;
    if (slow != null && !done) {
      finish();
      exchange.abort(sent, slow);
    }
    if (cut) {
      OciException stopping = Exchanges.stopping();
      stop(new IOException(stopping.getMessage(), stopping));
    }
    straggler.isReady();
    byte[] chunk = ownChunk == null ? answers.chunks().borrow(size) : ownChunk;
    try {
      send(chunk);
    } catch (IOException | RuntimeException e) {
      // Of the second kind where the server found the client gone and took the response back.
      stop(e);
    } finally {
      if (ownChunk == null) {
        answers.chunks().giveBack(chunk);
      }
    }
  }

  private void send(byte[] chunk) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(chunk);
    while (!done && out.isReady()) {
      int n = reader.read(buffer.clear());
      if (n > 0) {
        out.write(chunk, 0, n);
        long total = sent + n;
        sent = total; // written by whoever moves, read by the server's onError too
        straggler.took(n);
        if (out.isReady()) {
          out.flush();
        }
      } else if (n < 0) {
        finish();
        exchange.end(sent, null);
      } else {
        reader.park(wake);
        return;
      }
    }
    straggler.isAwaited();
  }

  /**
   * Either the fill has failed or the client has left. Cutting the connection is right for both,
   * but while nothing has been sent the client can be told.
   */
  private void stop(Exception e) {
    if (done) {
      return;
    }
    finish();
    if (e.getCause() instanceof OciException told && !exchange.response().isCommitted()) {
      answers.errors().send(exchange, told);
    } else {
      exchange.abort(sent, String.valueOf(e.getMessage()));
    }
  }

  private void finish() {
    done = true;
    answers.chunks().leave(size);
    straggler.close();
    reader.close();
  }

  /**
   * The server found the client gone. The exchange is ended here, where the server waits for it.
   */
  @Override
  public void onError(Throwable t) {
    exchange.end(sent, "the client left: " + t.getMessage());
    signal();
  }
}
