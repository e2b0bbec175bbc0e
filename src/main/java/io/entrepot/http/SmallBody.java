package io.entrepot.http;

import io.entrepot.cache.BlobDelivery;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stored body that the server takes in one go: it fits into the socket's buffer, so that even a
 * slow client does not hold the thread.
 */
final class SmallBody {
  private static final int MAX_BYTES = 32 << 10;

  private SmallBody() {}

  static boolean fits(BlobDelivery delivery) {
    return delivery.length() <= MAX_BYTES;
  }

  static void send(Exchange exchange, BlobDelivery delivery) throws IOException {
    ByteBuffer body = ByteBuffer.allocate((int) delivery.length());
    while (body.hasRemaining() && delivery.reader().read(body) > 0) {}
    exchange.end(body.array());
  }
}
