package io.entrepot.http;

import io.entrepot.cache.Missing;
import io.entrepot.cache.Pattern;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;


/**
 * What the pump itself costs, from the first byte to the last: its blob is in memory, and its
 * client takes all at once, or is not ready after each so many writes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PumpBenchmark {
  @Param({"2048", "1048576"})
  private int size;

  @Param({"1", "2147483647"})
  private int writesUntilFull;

  private final ExchangeLog log = new ExchangeLog(new SimpleMeterRegistry());
  private final Exchanges exchanges = new Exchanges(Duration.ofSeconds(1));
  private final Forwarding.Client client =
      new Forwarding.Client("127.0.0.1", Optional.empty(), "");
  private final AsyncAnswers later =
      new AsyncAnswers(
          new ErrorResponder(new Missing(Clock.systemUTC())),
          Runnable::run,
          new Chunks(1L << 30),
          new Stragglers(1, Duration.ofSeconds(30), System::nanoTime));
  private Pattern blob = new Pattern(0);

  @Setup
  public void blob() {
    blob = new Pattern(size);
  }

  @Benchmark
  public long pull() throws IOException {
    Socket socket = new Socket(writesUntilFull);
    AsyncContext async = fake(AsyncContext.class, (self, method, arguments) -> null);
    HttpServletResponse response =
        fake(
            HttpServletResponse.class,
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "getOutputStream" -> socket;
                  case "getStatus" -> 200;
                  case "isCommitted" -> true;
                  default -> null;
                });
    HttpServletRequest request =
        fake(
            HttpServletRequest.class,
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "getMethod" -> "GET";
                  case "getRequestURI" -> "/v2/a/blobs/b";
                  case "startAsync" -> async;
                  default -> null;
                });
    Exchange exchange = new Exchange(request, response, client, log, exchanges);
    exchange.startAsync();
    new BlobPump(exchange, blob.reader(), later).start();
    socket.drain();
    if (socket.taken != size) {
      throw new IllegalStateException(socket.taken + " bytes of " + size);
    }
    return socket.taken;
  }

  private static <T> T fake(Class<T> type, InvocationHandler answers) {
    return type.cast(
        Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, answers));
  }

  /** A client's socket that is full after so many writes, until it is drained. */
  private static final class Socket extends ServletOutputStream {
    private final int writesUntilFull;
    private int writes;
    private long taken;
    private WriteListener listener;

    private Socket(int writesUntilFull) {
      this.writesUntilFull = writesUntilFull;
    }

    private void drain() throws IOException {
      do {
        writes = 0;
        listener.onWritePossible();
      } while (writes > 0);
    }

    @Override
    public boolean isReady() {
      return writes < writesUntilFull;
    }

    @Override
    public void setWriteListener(WriteListener listener) {
      this.listener = listener;
    }

    @Override
    public void write(int b) {
      writes++;
      taken++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      writes++;
      taken += length;
    }

    @Override
    public void flush() {}
  }
}
