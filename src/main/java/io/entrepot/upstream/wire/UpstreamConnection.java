package io.entrepot.upstream.wire;

import java.io.IOException;
import java.net.Socket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection with one timeout for the head of a response and another for its body. It limits
 * interim responses. It never writes headers or bytes to a log, as HttpClient's own connection
 * does: they hold tokens and presigned URLs (S16). Used by one thread at a time; any thread may
 * close it.
 */
final class UpstreamConnection extends DefaultBHttpClientConnection
    implements ManagedHttpClientConnection {
  private static final int MAX_INTERIM_RESPONSES = 16;
  private static final Timeout A_MOMENT = Timeout.ofMilliseconds(1);

  private final Timeout response;
  private final Timeout idle;
  private int interim;

  UpstreamConnection(Http1Config limits, Timeouts timeouts) {
    super(limits, null, null);
    this.response = Timeout.of(timeouts.response());
    this.idle = Timeout.of(timeouts.idle());
  }

  @Override
  public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
    interim = 0;
    super.sendRequestHeader(request);
  }

  @Override
  public ClassicHttpResponse receiveResponseHeader() throws HttpException, IOException {
    setSocketTimeout(response);
    ClassicHttpResponse head = super.receiveResponseHeader();
    setSocketTimeout(idle);
    if (head.getCode() < HttpStatus.SC_SUCCESS && ++interim > MAX_INTERIM_RESPONSES) {
      throw new ProtocolException("more than " + MAX_INTERIM_RESPONSES + " interim responses");
    }
    return head;
  }

  /**
   * Whether it can be used again. Bytes after the end of a response would be read as the next one,
   * so then it cannot.
   */
  @Override
  public boolean isConsistent() {
    try {
      return super.isConsistent() && !isDataAvailable(A_MOMENT);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public @Nullable Socket getSocket() {
    SocketHolder holder = getSocketHolder();
    return holder == null ? null : holder.getSocket();
  }

  @Override
  public void passivate() {
    setSocketTimeout(Timeout.ZERO_MILLISECONDS);
  }

  @Override
  public void activate() {
    setSocketTimeout(idle);
  }
}
