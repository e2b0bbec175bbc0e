package io.entrepot.upstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RedactedStreamTest {
  /** HttpClient reads a body of chunks to its end when it is closed. An endless one has none. */
  @Test
  void closingReadsNothingOfTheBody() throws IOException {
    AtomicInteger closed = new AtomicInteger();
    InputStream body =
        new ByteArrayInputStream(new byte[] {1, 2}) {
          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };

    new RedactedStream(body, text -> text).close();

    assertThat(closed).hasValue(0);
    assertThat(body.available()).isEqualTo(2);
  }

  @Test
  void failuresShowNoSecret() throws IOException {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("bad chunk: s3cret");
          }

          @Override
          public int read(byte[] chunk, int offset, int length) throws IOException {
            return read();
          }
        };
    try (InputStream body = new RedactedStream(broken, text -> text.replace("s3cret", "***"))) {
      assertThatThrownBy(body::read).hasMessageContaining("***").hasMessageNotContaining("s3cret");
    }
  }
}
