package io.entrepot.http;

import io.entrepot.cache.BlobReader;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Sends a file by Tomcat's sendfile: the kernel copies the file to the socket, and no thread waits.
 * Tomcat supports it only for a synchronous request, and opens the file after the servlet has
 * returned. For this reason the store waits some time before it deletes an evicted file.
 */
final class Sendfile {
  private static final String SUPPORT = "org.apache.tomcat.sendfile.support";
  private static final String FILE = "org.apache.tomcat.sendfile.filename";
  private static final String START = "org.apache.tomcat.sendfile.start";
  private static final String END = "org.apache.tomcat.sendfile.end";

  /**
   * The smallest file for sendfile, in bytes. Smaller files are written as fast without it;
   * Tomcat's own default is the same.
   */
  private static final long MIN_BYTES = 48 << 10;

  private Sendfile() {}

  /**
   * Whether Tomcat can send a body of this length by sendfile. Not under TLS: the process must
   * encrypt the bytes, and a copy loop is faster.
   */
  static boolean isSupported(HttpServletRequest request, long length) {
    return length >= MIN_BYTES
        && !request.isSecure()
        && Boolean.TRUE.equals(request.getAttribute(SUPPORT));
  }

  /** Whether the server is Tomcat. Only Tomcat sets this attribute, to true or to false. */
  static boolean isTomcat(ServletRequest request) {
    return request.getAttribute(SUPPORT) != null;
  }

  /** Sends of the file what the reader has not read yet. */
  static void send(Exchange exchange, Path file, BlobReader reader) throws IOException {
    long length = reader.remaining();
    HttpServletRequest request = exchange.request();
    request.setAttribute(FILE, file.toRealPath().toString());
    request.setAttribute(START, reader.position());
    request.setAttribute(END, reader.position() + length);
    exchange.end(length, null);
  }
}
