package io.entrepot.http;

import io.entrepot.cache.BlobDelivery;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Sends a small stored blob in one write. The blob fits into the socket's buffer, so that the
 * thread does not wait even if the client is slow.
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
