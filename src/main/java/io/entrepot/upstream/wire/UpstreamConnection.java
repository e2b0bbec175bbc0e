package io.entrepot.upstream.wire;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.SessionInputBuffer;
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
  private final Parser parser;
  private int interim;
  private boolean connecting;
  private boolean answered;
  private @Nullable EndpointDetails counts;
  private long receivedBefore;

  UpstreamConnection(Http1Config limits, Timeouts timeouts) {
    this(limits, timeouts, new Parser(limits));
  }

  private UpstreamConnection(Http1Config limits, Timeouts timeouts, Parser parser) {
    super(limits, null, null, null, null, null, unused -> parser);
    this.parser = parser;
    this.response = Timeout.of(timeouts.response());
    this.idle = Timeout.of(timeouts.idle());
  }

  @Override
  public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
    interim = 0;
    connecting = Method.CONNECT.isSame(request.getMethod());
    counts = getEndpointDetails();
    receivedBefore = received();
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
    answered |= head.getCode() >= HttpStatus.SC_SUCCESS && !connecting;
    return head;
  }

  private long received() {
    return counts == null ? 0 : counts.getReceivedBytesCount();
  }

  /**
   * Whether a request that failed here may have met a connection that the other side had closed
   * before (RFC 9112, 9.3.1): it has carried answers, and not a byte since that request.
   */
  boolean hasMetAClosedEnd() {
    return answered && received() == receivedBefore;
  }

  /**
   * Whether it can be used again. Bytes after the end of a response would be read as the next one,
   * so then it cannot.
   */
  @Override
  public boolean isConsistent() {
    try {
      return super.isConsistent() && !hasMoreBytes();
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Waits only where something has come. With TLS that may be no bytes of a response, such as a
   * session ticket. Waiting each time would cost every request a millisecond.
   */
  private boolean hasMoreBytes() throws IOException {
    SocketHolder holder = ensureOpen();
    boolean come =
        parser.hasBytesLeft()
            || holder.getSocket().getInputStream().available() > 0
            || holder.getBaseSocket().getInputStream().available() > 0;
    return come && isDataAvailable(A_MOMENT);
  }

  /** The parser of responses. It knows the buffer, which can have bytes of the next response. */
  private static final class Parser extends DefaultHttpResponseParser {
    private @Nullable SessionInputBuffer buffer;

    Parser(Http1Config limits) {
      super(limits);
    }

    @Override
    public ClassicHttpResponse parse(SessionInputBuffer input, InputStream stream)
        throws IOException, HttpException {
      buffer = input;
      return super.parse(input, stream);
    }

    boolean hasBytesLeft() {
      return buffer != null && buffer.length() > 0;
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
