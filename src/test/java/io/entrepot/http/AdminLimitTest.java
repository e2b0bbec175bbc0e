package io.entrepot.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.FilterChain;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The limit of administrative answers that are sent at once (S25). */
class AdminLimitTest {
  private final AdminLimit limit = new AdminLimit(new Forwarding(address -> false));
  private final Map<String, String> headers = new HashMap<>();
  private final FakeExchange.Socket socket = new FakeExchange.Socket();
  private int status;

  private static <T> T fake(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static HttpServletRequest from(String address) {
    return fake(
        HttpServletRequest.class,
        (self, method, arguments) ->
            switch (method.getName()) {
              case "getRemoteAddr" -> address;
              case "getServerName" -> "cache";
              case "getMethod" -> "GET";
              case "isAsyncStarted" -> false;
              default -> null;
            });
  }

  private HttpServletResponse response() {
    return fake(
        HttpServletResponse.class,
        (self, method, arguments) -> {
          switch (method.getName()) {
            case "setStatus" -> status = (int) arguments[0];
            case "setHeader" -> headers.put((String) arguments[0], (String) arguments[1]);
            case "getOutputStream" -> {
              return socket;
            }
            default -> {}
          }
          return null;
        });
  }

  /** Sends a request, and the next ones while its answer is being sent. */
  private void send(int first, int end, FilterChain innermost) throws Exception {
    if (first == end) {
      innermost.doFilter(from("unused"), response());
      return;
    }
    // Four requests of each address.
    limit.doFilter(
        from("192.0.2." + first / 4), response(), (in, out) -> sendNext(first, end, innermost));
  }

  private void sendNext(int first, int end, FilterChain innermost) {
    try {
      send(first + 1, end, innermost);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void assertRefused(int refusal, String code) {
    assertThat(status).isEqualTo(refusal);
    assertThat(headers).containsEntry("Retry-After", "1");
    assertThat(new String(socket.taken(), UTF_8)).contains("\"" + code + "\"");
  }

  @Test
  void requestIsRefusedWhenTooManyAnswersAreBeingSent() throws Exception {
    send(0, 16, (in, out) -> assertThat(status).isZero());
    assertThat(status).as("sixteen at once, by four clients").isZero();

    send(
        0,
        16,
        (in, out) -> limit.doFilter(from("192.0.2.99"), response(), (again, more) -> status = 200));

    assertRefused(503, "UNAVAILABLE");
    limit.doFilter(from("192.0.2.99"), response(), (in, out) -> status = 200);
    assertThat(status).as("once they are sent").isEqualTo(200);
  }

  @Test
  void oneClientHasHalfOfThemAtMost() throws Exception {
    sendOfOne(8);
    assertThat(status).isZero();

    sendOfOne(9);

    assertRefused(429, "TOOMANYREQUESTS");
  }

  private void sendOfOne(int times) throws Exception {
    if (times > 0) {
      limit.doFilter(
          from("192.0.2.1"),
          response(),
          (in, out) -> {
            try {
              sendOfOne(times - 1);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
    }
  }
}
