package io.entrepot.launch.limits;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.apache.coyote.Constants;
import org.apache.coyote.Processor;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Tomcat's endpoint with two more limits. Each client address may have so many connections, and
 * never all of them (S41). And the headers of a request, or a TLS handshake, must be complete
 * within some time (S37): Tomcat's own timeout begins again with each byte.
 *
 * <p>If an address is at its limit, its oldest connection without a request is closed for the new
 * one, which every client expects of an idle connection. If all have a request, the new one is
 * refused with status 429. If nearly all connections are taken, the address with the most of them
 * loses one without a request. So connections that ask for nothing keep nobody out, however many
 * addresses they come from.
 */
final class LimitedEndpoint extends NioEndpoint {
  private static final String BODY =
      "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\","
          + "\"message\":\"this client has too many connections\"}]}";

  private static final byte[] REFUSAL =
      ("HTTP/1.1 429 \r\nRetry-After: 1\r\nConnection: close\r\nContent-Type: application/json\r\n"
              + "Content-Length: "
              + BODY.length()
              + "\r\n\r\n"
              + BODY)
          .getBytes(US_ASCII);

  /** One part of so many connections is kept from each address: 16 of the 1,024 of 128 MiB. */
  private static final int RESERVED_PART = 64;

  /** A connection that was used within this time may have a request that is being answered. */
  private static final long IDLE_MILLIS = 1000;

  /** How long the headers of a request may take if nothing else is set. */
  private static final Duration HEADER_TIMEOUT = Duration.ofSeconds(20);

  private volatile Duration headerTimeout = HEADER_TIMEOUT;
  private volatile ToIntFunction<InetAddress> limit = address -> 0;

  /** Guards {@link #ofAddress} and {@link #accepted}. */
  private final Object admission = new Object();

  /** The connections of each address, the oldest first. */
  private final Map<InetAddress, List<SocketChannel>> ofAddress = new HashMap<>();

  private int accepted;

  /** When a handshake that is not complete was first seen. Only {@link #closeOverdue} uses it. */
  private Map<NioSocketWrapper, Long> handshakes = new HashMap<>();

  /** How long the headers of a request, or a TLS handshake, may take. */
  void limitHeads(Duration timeout) {
    headerTimeout = timeout;
  }

  /** How many connections an address may have; 0 for no limit. */
  void limitAddresses(ToIntFunction<InetAddress> max) {
    limit = max;
  }

  @Override
  protected boolean setSocketOptions(SocketChannel socket) {
    boolean admitted;
    synchronized (admission) {
      admitted = admit(socket);
    }
    if (admitted) {
      return super.setSocketOptions(socket);
    }
    refuse(socket);
    destroySocket(socket);
    return true; // it is closed and no longer counted, so there is nothing left to do
  }

  private boolean admit(SocketChannel socket) {
    if (missingRoom() > 0) {
      closeOneIdle();
    }
    InetAddress address = socket.socket().getInetAddress();
    int own = address == null ? 0 : limit.applyAsInt(address);
    if (own == 0) {
      return true;
    }
    forgetClosed();
    List<SocketChannel> open = ofAddress.computeIfAbsent(address, a -> new ArrayList<>());
    if (!hasRoom(open, Math.min(own, getMaxConnections() - reserve()))) {
      return false;
    }
    open.add(socket);
    return true;
  }

  /** Whether an address may have one more connection. An idle one may be closed for it. */
  private boolean hasRoom(List<SocketChannel> open, int max) {
    if (max == getMaxConnections() || open.size() < max) {
      return true;
    }
    removeClosed(open);
    return open.size() < max || closeOldestIdle(open);
  }

  private static void removeClosed(List<SocketChannel> open) {
    open.removeIf(channel -> !channel.isOpen());
  }

  /**
   * How many connections one address cannot have, whatever its limit. None if the file descriptors
   * allow so few that clients wait for their turn (F6).
   */
  private int reserve() {
    return getMaxConnections() / RESERVED_PART;
  }

  /** How many connections there are more than those that may be taken without closing others. */
  private long missingRoom() {
    return getConnectionCount() - (getMaxConnections() - Math.max(1, reserve()));
  }

  /**
   * Closes a connection without a request, if there is one. The address with the most connections
   * comes first.
   */
  private boolean closeOneIdle() {
    ofAddress.values().forEach(LimitedEndpoint::removeClosed);
    List<List<SocketChannel>> largestFirst = new ArrayList<>(ofAddress.values());
    largestFirst.sort(Comparator.comparingInt(open -> -open.size()));
    return largestFirst.stream().anyMatch(this::closeOldestIdle);
  }

  /** Bounds the map: it is at most twice as large as the number of connections that are allowed. */
  private void forgetClosed() {
    accepted++;
    if (accepted > getMaxConnections()) {
      accepted = 0;
      ofAddress.values().forEach(LimitedEndpoint::removeClosed);
      ofAddress.values().removeIf(List::isEmpty);
    }
  }

  private boolean closeOldestIdle(List<SocketChannel> open) {
    for (SocketChannel channel : open) {
      if (connections.get(channel) instanceof NioSocketWrapper connection && isIdle(connection)) {
        connection.close();
        open.remove(channel);
        return true;
      }
    }
    return false;
  }

  /** Whether there is no request, or one whose headers are not complete. */
  private static boolean isIdle(NioSocketWrapper connection) {
    if (connection.getCurrentProcessor() != null) {
      return isReadingHeaders(connection);
    }
    long used = Math.max(connection.getLastRead(), connection.getLastWrite());
    return connection.getSendfileData() == null && System.currentTimeMillis() - used > IDLE_MILLIS;
  }

  /**
   * Whether a part of a request's headers has come. Then Tomcat keeps the processor at the
   * connection, though no request is being answered, and calls the stage "ended".
   */
  private static boolean isReadingHeaders(NioSocketWrapper connection) {
    return connection.getCurrentProcessor() instanceof Processor processor
        && processor.getRequest() != null
        && !processor.isAsync()
        && !processor.isUpgrade()
        && connection.getSendfileData() == null
        && processor.getRequest().getRequestProcessor().getStage() == Constants.STAGE_ENDED;
  }

  /** The socket is new, so that these bytes fit into its buffer. Under TLS nothing can be said. */
  private void refuse(SocketChannel socket) {
    if (!isSSLEnabled()) {
      try {
        socket.write(ByteBuffer.wrap(REFUSAL));
        socket.shutdownOutput();
      } catch (IOException e) {
        // The client has left.
      }
    }
  }

  /**
   * Closes connections without a request until there is room for new ones. To be called again and
   * again: while all connections are taken Tomcat accepts none, so that no new one could close an
   * old one. And a connection that has just come looks like one with a request.
   */
  void keepRoom() {
    synchronized (admission) {
      long missing = missingRoom();
      while (missing > 0 && closeOneIdle()) {
        missing--;
      }
    }
  }

  /** Closes the connections whose headers or handshake take too long. To be called each second. */
  void closeOverdue() {
    long now = System.nanoTime();
    Map<NioSocketWrapper, Long> unfinished = new HashMap<>();
    for (SocketWrapperBase<NioChannel> each : getConnections()) {
      if (each instanceof NioSocketWrapper connection
          && now - waitingSince(connection, now, unfinished) > headerTimeout.toNanos()) {
        connection.close();
      }
    }
    handshakes = unfinished;
  }

  /**
   * Since when headers or a handshake are incomplete; {@code now} where they are not.
   *
   * @param unfinished gets the connection if its handshake is incomplete
   */
  private long waitingSince(
      NioSocketWrapper connection, long now, Map<NioSocketWrapper, Long> unfinished) {
    if (!connection.getSocket().isHandshakeComplete()) {
      long since = handshakes.getOrDefault(connection, now);
      unfinished.put(connection, since);
      return since;
    }
    return isReadingHeaders(connection)
            && connection.getCurrentProcessor() instanceof Processor processor
        ? processor.getRequest().getStartTimeNanos()
        : now;
  }
}
