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
 * Copies a body from its reader to the socket of one client. Never blocks a thread.
 *
 * <pre>
 * state     waits for                  ends when
 * WRITING   nothing                    socket full → BLOCKED; watermark reached → PARKED; last byte → DONE
 * BLOCKED   the socket                 the server calls onWritePossible → WRITING; client too slow → DONE
 * PARKED    the fill                   the reader calls wake, on the executor → WRITING
 * DONE      nothing                    body complete; or client left, failure, client dropped: cut off
 * </pre>
 *
 * Different threads may call back at the same time. Each callback increments the number of signals.
 * The thread that increments it from 0 copies bytes until the number is 0 again. All other threads
 * return at once. So only one thread copies at a time.
 */
final class BodyPump implements WriteListener {
  private final Exchange exchange;
  private final BlobReader reader;
  private final AsyncAnswers answers;
  private final ServletOutputStream out;
  private final AtomicInteger signals = new AtomicInteger();
  private final int size;
  private final byte @Nullable [] ownChunk;
  private final Runnable wake = this::wake;
  private final Stragglers.Watched straggler;
  private volatile @Nullable String dropped;
  private volatile boolean cut;
  private volatile long sent;
  private boolean done;

  /**
   * Makes a pump; {@link #start} starts it.
   *
   * @param exchange an asynchronous exchange whose headers are set
   * @param reader the reader of the body; the pump closes it at the end
   * @param held how many bytes are on the heap until then
   * @param answers runs the pump when the fill wakes it, and sends the error if the fill fails
   *     before the first byte
   */
  BodyPump(Exchange exchange, BlobReader reader, long held, AsyncAnswers answers)
      throws IOException {
    this.exchange = exchange;
    this.reader = reader;
    this.answers = answers;
    this.out = exchange.response().getOutputStream();
    this.straggler = answers.stragglers().watch(held, this::drop);
    boolean isTomcat = Sendfile.isTomcat(exchange.request());
    this.size = answers.chunks().join(reader.remaining());
    this.ownChunk =
        isTomcat
            ? null
            : new byte[size]; // Tomcat copies unsent bytes, so there chunks are borrowed
    if (isTomcat) {
      // A whole chunk fits into this buffer until the flush. Tomcat sends a flush at once. Without
      // the flush it would keep the last bytes of a write, and would be ready only after its poller
      // and another thread have sent them.
      exchange.response().setBufferSize(size + 1);
    }
  }

  void start() {
    exchange.onCut(this::cut);
    out.setWriteListener(this);
  }

  @Override
  public void onWritePossible() {
    signal();
  }

  private void drop(String reason) {
    dropped = reason;
    wake();
  }

  private void wake() {
    try {
      answers.pumps().execute(this::signal);
    } catch (RejectedExecutionException e) {
      // The application stops, and the fill has failed: this thread sees that and cuts off.
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
    String reason = dropped;
    if (reason != null && !done) {
      finish();
      exchange.abort(sent, reason);
    }
    if (cut) {
      OciException stopping = Exchanges.stopping();
      stop(new IOException(stopping.getMessage(), stopping));
    }
    straggler.isReady();
    byte[] chunk = ownChunk == null ? answers.chunks().borrow(size) : ownChunk;
    try {
      send(chunk);
    } catch (ClientLeft e) {
      leave(e.getMessage());
    } catch (IOException | RuntimeException e) {
      stop(e);
    } finally {
      if (ownChunk == null) {
        answers.chunks().giveBack(chunk);
      }
    }
  }

  private void send(byte[] chunk) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(chunk);
    while (!done && isReady()) {
      int n = reader.read(buffer.clear());
      if (n > 0) {
        write(chunk, n);
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

  private boolean isReady() throws ClientLeft {
    try {
      return out.isReady();
    } catch (RuntimeException e) {
      throw new ClientLeft(e);
    }
  }

  private void write(byte[] chunk, int n) throws ClientLeft {
    if (sent == 0) {
      exchange.facts().bodyBegins();
    }
    try {
      out.write(chunk, 0, n);
      long total = sent + n;
      sent = total; // the thread that copies writes this; onError reads it on another thread
      straggler.took(n);
      if (out.isReady()) {
        out.flush();
      }
    } catch (IOException | RuntimeException e) {
      throw new ClientLeft(e);
    }
  }

  /**
   * The connection of the client is broken. A RuntimeException means the same: the server has seen
   * it before, and has recycled the response.
   */
  private static final class ClientLeft extends IOException {
    private static final long serialVersionUID = 1L;

    ClientLeft(Exception cause) {
      super(cause.getMessage(), cause);
    }
  }

  /** Ends the exchange of a client that has left. Nothing is left to cut off. */
  private void leave(@Nullable String reason) {
    if (!done) {
      finish();
      exchange.end(sent, "the client left: " + reason);
    }
  }

  /**
   * Stops after a failure of the fill. If no byte has been sent, the client gets an error response.
   * Else the connection is cut off.
   */
  private void stop(Exception e) {
    if (done) {
      return;
    }
    finish();
    if (e.getCause() instanceof OciException failure && !exchange.response().isCommitted()) {
      answers.errors().send(exchange, failure);
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
   * Called by the server when the client has left. The exchange ends here, because the server
   * recycles the response when this method returns.
   */
  @Override
  public void onError(Throwable t) {
    exchange.end(sent, "the client left: " + t.getMessage());
    signal();
  }
}
