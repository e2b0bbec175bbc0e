package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Clients that hold threads of the server while they send or read slowly (S25). */
class ThreadLimitTest {
  private final ThreadLimit limit = new ThreadLimit("things are done", 16, 4);

  /** A body that comes byte by byte, with a while before each. */
  private static HttpServletRequest dripping(String body, Duration between, AtomicLong nanos) {
    ServletInputStream in =
        new ServletInputStream() {
          private int next;

          @Override
          public int read() {
            nanos.addAndGet(between.toNanos());
            return next < body.length() ? body.charAt(next++) : -1;
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            int read = read();
            if (read >= 0) {
              target[offset] = (byte) read;
            }
            return Math.min(read, 1);
          }

          @Override
          public boolean isFinished() {
            return next == body.length();
          }

          @Override
          public boolean isReady() {
            return true;
          }

          @Override
          public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException();
          }
        };
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            HttpServletRequest.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "getContentType" -> "application/x-www-form-urlencoded; charset=utf-8";
                  case "getInputStream" -> in;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  @Test
  void clientHasItsShareAndTheOthersHaveTheRest() {
    List<Runnable> leave = new ArrayList<>();
    for (int client = 0; client < 4; client++) {
      String address = "192.0.2." + client;
      for (int i = 0; i < 4; i++) {
        leave.add(limit.enter(address));
      }
      assertRefused(address, OciError.TOO_MANY_REQUESTS);
    }
    assertRefused("192.0.2.99", OciError.UNAVAILABLE);
    leave.get(0).run();
    limit.enter("192.0.2.99").run();
    leave.subList(1, 16).forEach(Runnable::run);
    limit.enter("192.0.2.3").run();
  }

  private void assertRefused(String address, OciError code) {
    assertThatThrownBy(() -> limit.enter(address))
        .isInstanceOfSatisfying(OciException.class, e -> assertThat(e.error()).isEqualTo(code));
  }

  @Test
  void bodyThatDripsEndsAfterTenSeconds() throws IOException {
    AtomicLong nanos = new AtomicLong();
    String body = "grant_type=password&username=ann&password=" + "s".repeat(1_000);

    assertThatThrownBy(() -> Form.read(dripping(body, Duration.ofMillis(200), nanos), nanos::get))
        .isInstanceOf(OciException.class)
        .hasMessageContaining("takes longer than 10 s");
    assertThat(Duration.ofNanos(nanos.get()))
        .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));

    Form form = Form.read(dripping(body, Duration.ofMillis(1), nanos), nanos::get);
    assertThat(form.first("username")).isEqualTo("ann");
    assertThat(form.first("password")).hasSize(1_000);
  }

  @Test
  void bodyHas64KibAtMost() {
    String body = "username=" + "a".repeat((64 << 10) - 8);
    AtomicLong nanos = new AtomicLong();
    assertThat(body.getBytes(StandardCharsets.US_ASCII)).hasSize((64 << 10) + 1);
    assertThatThrownBy(() -> Form.read(dripping(body, Duration.ZERO, nanos), nanos::get))
        .hasMessageContaining("larger than 64 KiB");
  }
}
