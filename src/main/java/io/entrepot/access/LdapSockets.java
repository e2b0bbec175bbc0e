package io.entrepot.access;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Connections to a directory that bound each answer, in time and in bytes. The timeout of a socket
 * begins anew with each byte, and the SDK keeps all entries of an answer. So a directory that
 * drips, or never ends an answer, would hold a thread or the heap.
 */
final class LdapSockets extends SocketFactory {
  /**
   * The bytes of one answer, with all its entries. An answer to us has the names of a hundred
   * groups at most.
   */
  static final int MAX_ANSWER = 256 << 10;

  private final String host;
  private final int connectMillis;
  private final int answerMillis;
  private final @Nullable SSLSocketFactory tls;

  /**
   * Makes a factory.
   *
   * @param answerMillis how long an answer may take in all
   * @param tls what begins TLS at once; null for none
   */
  LdapSockets(String host, int connectMillis, int answerMillis, @Nullable SSLSocketFactory tls) {
    this.host = host;
    this.connectMillis = connectMillis;
    this.answerMillis = answerMillis;
    this.tls = tls;
  }

  /** A socket that is not connected; with TLS there is none, and the SDK then takes the other. */
  @Override
  public Socket createSocket() throws IOException {
    if (tls != null) {
      throw new SocketException("TLS begins on a connection");
    }
    return new Bounded();
  }

  @Override
  public Socket createSocket(InetAddress address, int port) throws IOException {
    Socket socket = new Bounded();
    try {
      socket.connect(new InetSocketAddress(address, port), connectMillis);
      return tls == null ? socket : tls.createSocket(socket, host, port, true);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  @Override
  public Socket createSocket(String name, int port) throws IOException {
    return createSocket(InetAddress.getByName(name), port);
  }

  @Override
  public Socket createSocket(String name, int port, InetAddress from, int fromPort)
      throws IOException {
    return createSocket(name, port);
  }

  @Override
  public Socket createSocket(InetAddress address, int port, InetAddress from, int fromPort)
      throws IOException {
    return createSocket(address, port);
  }

  /** What is sent begins a request, and what comes after it is its answer. Used by one thread. */
  private final class Bounded extends Socket {
    private long until;
    private int left;

    Bounded() {
      begin();
    }

    private void begin() {
      until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(answerMillis);
      left = MAX_ANSWER;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          begin();
          out.write(bytes, offset, length);
        }

        @Override
        public void write(int one) throws IOException {
          begin();
          out.write(one);
        }
      };
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
          return took(in.read(target, offset, Math.min(length, expecting())));
        }

        @Override
        public int read() throws IOException {
          int unused = expecting();
          int one = in.read();
          return took(one < 0 ? 0 : 1) == 0 ? -1 : one;
        }
      };
    }

    /** Says how many bytes may still come, and lets the next read wait no longer than is left. */
    private int expecting() throws IOException {
      long millis = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      if (millis <= 0) {
        throw new SocketTimeoutException("the answer takes longer than " + answerMillis + " ms");
      }
      if (left <= 0) {
        throw new SocketException("the answer is larger than " + MAX_ANSWER + " bytes");
      }
      setSoTimeout((int) millis);
      return left;
    }

    private int took(int n) {
      left -= Math.max(0, n);
      return n;
    }
  }
}
