package io.entrepot.access;

import com.unboundid.asn1.ASN1Element;
import com.unboundid.asn1.ASN1Integer;
import com.unboundid.asn1.ASN1Sequence;
import com.unboundid.asn1.ASN1StreamReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A directory that answers each request as the test says, also by what is no LDAP. Closed by the
 * test.
 */
final class HostileDirectory implements AutoCloseable {
  /** The tag of a search request (RFC 4511, 4.5.1). */
  static final byte SEARCH = 0x63;

  private final ServerSocket listening;
  private final Answer answer;
  private final AtomicInteger connections = new AtomicInteger();

  /** Writes whatever it wants. */
  interface Answer {
    /**
     * Answers a request.
     *
     * @param id the id of its message, which an answer has too
     * @param kind the tag of the request
     */
    void send(int id, byte kind, OutputStream out) throws IOException, InterruptedException;
  }

  HostileDirectory(Answer answer) throws IOException {
    this.answer = answer;
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread accepting = new Thread(this::accept, "hostile-directory");
    accepting.setDaemon(true);
    accepting.start();
  }

  int port() {
    return listening.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  /** A message of LDAP: an id and one operation. */
  static byte[] message(int id, ASN1Element operation) {
    return new ASN1Sequence(new ASN1Integer(id), operation).encode();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        connections.incrementAndGet();
        Thread serving = new Thread(() -> serve(client), "hostile-directory-client");
        serving.setDaemon(true);
        serving.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        InputStream in = client.getInputStream()) {
      ASN1StreamReader requests = new ASN1StreamReader(in);
      while (true) {
        ASN1Element request = requests.readElement();
        if (request == null) {
          return;
        }
        ASN1Element[] parts = ASN1Sequence.decodeAsSequence(request).elements();
        int id = ASN1Integer.decodeAsInteger(parts[0]).intValue();
        answer.send(id, parts[1].getType(), client.getOutputStream());
        client.getOutputStream().flush();
      }
    } catch (IOException | com.unboundid.asn1.ASN1Exception e) {
      // The cache has closed the connection, as it should.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
