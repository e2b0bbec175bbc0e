package io.entrepot.upstream.wire;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.UnaryOperator;

/**
 * A body whose failures show no secret: an exception about broken HTTP quotes what was sent. Used
 * by one thread.
 */
final class RedactedStream extends FilterInputStream {
  private final UnaryOperator<String> redactor;

  RedactedStream(InputStream body, UnaryOperator<String> redactor) {
    super(body);
    this.redactor = redactor;
  }

  @Override
  public int read() throws IOException {
    try {
      return super.read();
    } catch (IOException e) {
      throw redacted(e);
    }
  }

  @Override
  public int read(byte[] chunk, int offset, int length) throws IOException {
    try {
      return super.read(chunk, offset, length);
    } catch (IOException e) {
      throw redacted(e);
    }
  }

  /**
   * Does nothing: the {@link Answer} ends the exchange. HttpClient would read a body of chunks to
   * its end here, and a body may have none.
   */
  @Override
  public void close() {}

  private IOException redacted(IOException e) {
    String shown = redactor.apply(e.toString());
    return shown.equals(e.toString()) ? e : new IOException(shown);
  }
}
