package io.entrepot.store.s3;

import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The body of a response. It tells an end that came too early, which the JDK's HTTP client does
 * not. One that is closed before its end is aborted, not read to its end.
 */
final class BucketBody extends InputStream {
  private final AbortableInputStream body;
  private long left;

  /**
   * Wraps the body as the HTTP client has it. The SDK's own wrapper has a thread that is never
   * ended.
   */
  BucketBody(GetObjectResponse response, AbortableInputStream body) {
    this.body = body;
    this.left = response.contentLength();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int n = body.read(target, offset, length);
    if (n < 0 && left > 0) {
      throw new IOException(
          "the bucket has closed the connection, and " + left + " bytes are missing");
    }
    left -= Math.max(0, n);
    return n;
  }

  @Override
  public void close() throws IOException {
    if (left > 0) {
      body.abort();
    } else {
      body.close();
    }
  }
}
