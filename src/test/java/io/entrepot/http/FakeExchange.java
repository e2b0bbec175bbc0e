package io.entrepot.http;

import io.entrepot.cache.Missing;
import io.entrepot.memory.MemoryBudget;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A fake server for one exchange: records what the client gets, and how the exchange ends. */
final class FakeExchange {
  final Socket socket = new Socket();
  final Exchanges exchanges = new Exchanges(Duration.ZERO);
  final Exchange exchange;

  /** How the exchange was ended: {@code complete} or {@code dispatch}. */
  final List<String> ends = new ArrayList<>();

  int status = 200;
  int bufferSize;
  private final Map<String, Object> attributes = new HashMap<>();
  private final AsyncContext async = fake(AsyncContext.class, this::contextDoes);

  /**
   * Begins an asynchronous exchange.
   *
   * @param tomcat whether the server is Tomcat
   */
  FakeExchange(boolean tomcat) {
    if (tomcat) {
      attributes.put("org.apache.tomcat.sendfile.support", false);
    }
    HttpServletRequest request = fake(HttpServletRequest.class, this::requestSays);
    HttpServletResponse response = fake(HttpServletResponse.class, this::responseDoes);
    Forwarding.Sender sender = new Forwarding.Sender("127.0.0.1", Optional.empty(), "");
    ExchangeLog log = new ExchangeLog(new SimpleMeterRegistry());
    exchange = new Exchange(request, response, sender, log, exchanges);
    exchanges.enter(exchange);
    exchange.startAsync();
  }

  /** Makes the sender of answers, with an executor of the test. */
  static AsyncAnswers answers(Executor pumps, Chunks chunks, Stragglers stragglers) {
    return new AsyncAnswers(
        new ErrorResponder(new Missing(MemoryBudget.ofHeap(), Clock.systemUTC())),
        pumps,
        chunks,
        stragglers);
  }

  private static <T> T fake(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private @Nullable Object contextDoes(Object self, Method method, Object[] arguments) {
    switch (method.getName()) {
      case "getRequest" -> {
        return exchange.request();
      }
      case "complete", "dispatch" -> ends.add(method.getName());
      default -> {}
    }
    return null;
  }

  private @Nullable Object requestSays(Object self, Method method, Object[] arguments) {
    return switch (method.getName()) {
      case "getMethod" -> "GET";
      case "getRequestURI" -> "/v2/team/app/blobs/sha256:0";
      case "startAsync" -> async;
      case "getAttribute" -> attributes.get(String.valueOf(arguments[0]));
      case "setAttribute" -> attributes.put(String.valueOf(arguments[0]), arguments[1]);
      default -> null;
    };
  }

  private @Nullable Object responseDoes(Object self, Method method, Object[] arguments) {
    switch (method.getName()) {
      case "getOutputStream" -> {
        return socket;
      }
      case "getStatus" -> {
        return status;
      }
      case "getBufferSize" -> {
        return 8192;
      }
      case "isCommitted" -> {
        return socket.isCommitted();
      }
      case "setStatus" -> status = (int) arguments[0];
      case "setBufferSize" -> bufferSize = (int) arguments[0];
      default -> {}
    }
    return null;
  }

  /**
   * The socket of a client. It accepts a number of bytes, and more only when the test allows it.
   */
  static final class Socket extends ServletOutputStream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private @Nullable WriteListener listener;
    private long room = Long.MAX_VALUE;
    private @Nullable IOException broken;
    int flushes;

    /** Allows so many more bytes. A write is always accepted as a whole. */
    void room(long bytes) {
      room = bytes;
    }

    /** Allows so many more bytes, and calls the listener as a server does. */
    void makeRoom(long bytes) throws IOException {
      room = bytes;
      if (listener != null) {
        listener.onWritePossible();
      }
    }

    /** Makes the next write fail. */
    void breakNow() {
      broken = new IOException("broken pipe");
    }

    /** Calls the listener's error method, as a server does when the client has left. */
    void tellGone() {
      if (listener != null) {
        listener.onError(new IOException("connection reset"));
      }
    }

    byte[] taken() {
      return taken.toByteArray();
    }

    boolean isCommitted() {
      return taken.size() > 0;
    }

    @Override
    public boolean isReady() {
      return room > 0;
    }

    @Override
    public void setWriteListener(WriteListener to) {
      listener = to;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      IOException failure = broken;
      if (failure != null) {
        throw failure;
      }
      if (!isReady()) {
        throw new IllegalStateException("the socket is full");
      }
      taken.write(bytes, offset, length);
      room = Math.max(0, room - length);
    }

    @Override
    public void flush() {
      flushes++;
    }
  }
}
