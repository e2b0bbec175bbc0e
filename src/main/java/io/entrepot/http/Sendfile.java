package io.entrepot.http;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.oci.ByteRange;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Tomcat's way of sending a file: the kernel copies it to the socket and no thread is held. It must
 * be asked for on a synchronous exchange, and opens the file only after the servlet has returned,
 * which is why an evicted file is unlinked after a grace.
 */
final class Sendfile {
  private static final String SUPPORT = "org.apache.tomcat.sendfile.support";
  private static final String FILE = "org.apache.tomcat.sendfile.filename";
  private static final String START = "org.apache.tomcat.sendfile.start";
  private static final String END = "org.apache.tomcat.sendfile.end";

  /** Below this a plain write is as fast; Tomcat's own default for its files. */
  private static final long MIN_BYTES = 48 << 10;

  private Sendfile() {}

  /** Under TLS the bytes must pass through the process anyway, and a copy is faster. */
  static boolean isSupported(HttpServletRequest request, BlobDelivery delivery) {
    return delivery.length() >= MIN_BYTES
        && !request.isSecure()
        && Boolean.TRUE.equals(request.getAttribute(SUPPORT));
  }

  /** Whether this is Tomcat, which alone has a word for this, be it yes or no. */
  static boolean isTomcat(ServletRequest request) {
    return request.getAttribute(SUPPORT) != null;
  }

  static void send(Exchange exchange, Path file, BlobDelivery delivery) throws IOException {
    ByteRange range = delivery.range();
    HttpServletRequest request = exchange.request();
    request.setAttribute(FILE, file.toRealPath().toString());
    request.setAttribute(START, range == null ? 0L : range.first());
    request.setAttribute(END, range == null ? delivery.blobSize() : range.last() + 1);
    exchange.end(delivery.length(), null);
  }
}
