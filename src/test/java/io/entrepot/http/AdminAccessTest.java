package io.entrepot.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.access.Audit;
import io.entrepot.access.Viewer;
import io.entrepot.fixture.TestClock;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may change something where nobody can log in, and from which pages (S18). */
class AdminAccessTest {
  private final Audit audit = new Audit(new TestClock());
  private final AdminAccess access =
      new AdminAccess(
          new Forwarding(address -> address.getHostAddress().equals("10.0.0.9")), null, audit);
  private final Map<String, String> sent = new HashMap<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status = 200;
  private boolean passed;
  private Object viewer;

  private static <T> T fake(Class<T> type, InvocationHandler calls) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls));
  }

  private HttpServletRequest request(
      String method, String from, String host, Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(headers);
    all.put("Host", host);
    return fake(
        HttpServletRequest.class,
        (self, call, arguments) ->
            switch (call.getName()) {
              case "getMethod" -> method;
              case "getRequestURI" -> "/api/stats";
              case "getContextPath" -> "";
              case "getRemoteAddr" -> from;
              case "getServerName" -> host.replaceAll(":\\d+$", "");
              case "getScheme" -> "http";
              case "getHeader" -> all.get((String) arguments[0]);
              case "getHeaderNames" -> Collections.enumeration(all.keySet());
              case "getHeaders" ->
                  Collections.enumeration(
                      all.containsKey((String) arguments[0])
                          ? List.of(all.get((String) arguments[0]))
                          : List.of());
              case "setAttribute" -> keep(arguments[1]);
              default -> null;
            });
  }

  private Object keep(Object attribute) {
    viewer = attribute;
    return attribute;
  }

  private HttpServletResponse response() {
    ServletOutputStream output =
        new ServletOutputStream() {
          @Override
          public boolean isReady() {
            return true;
          }

          @Override
          public void setWriteListener(WriteListener listener) {}

          @Override
          public void write(int b) {
            body.write(b);
          }
        };
    return fake(
        HttpServletResponse.class,
        (self, call, arguments) -> {
          switch (call.getName()) {
            case "setStatus" -> status = (int) arguments[0];
            case "setHeader" -> sent.put((String) arguments[0], (String) arguments[1]);
            case "setContentType" -> sent.put("Content-Type", (String) arguments[0]);
            case "getOutputStream" -> {
              return output;
            }
            default -> {}
          }
          return null;
        });
  }

  private void send(String method, String from, String host, Map<String, String> headers)
      throws Exception {
    access.doFilter(request(method, from, host, headers), response(), (in, out) -> passed = true);
  }

  private void assertRefused(String sentence) {
    assertThat(passed).isFalse();
    assertThat(status).isEqualTo(403);
    assertThat(sent).containsEntry("Content-Type", "application/problem+json");
    assertThat(body.toString(UTF_8))
        .contains("\"title\":\"Forbidden\"", "\"status\":403", "\"code\":\"DENIED\"", sentence);
    assertThat(audit.latest())
        .extracting(entry -> entry.event().action() + " " + entry.event().outcome())
        .isNotEmpty()
        .containsOnly("manage refused");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, localhost:5000",
    "127.0.0.1, 127.0.0.1:5000",
    "127.8.8.8, LOCALHOST",
    "::1,       [::1]:5000",
    "0:0:0:0:0:0:0:1, localhost",
  })
  void thisMachineMayChangeSomething(String from, String host) throws Exception {
    send("DELETE", from, host, Map.of());
    assertThat(passed).isTrue();
    assertThat(viewer)
        .isInstanceOfSatisfying(
            Viewer.class, who -> assertThat(who.client().address()).isEqualTo(from));
    assertThat(sent).containsEntry("Cache-Control", "no-store");
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, localhost,            none,              none",
    "10.0.0.9,  localhost,            none,              none",
    "127.0.0.1, cache.example:5000,   none,              none",
    "127.0.0.1, localhost.evil.example, none,            none",
    "127.0.0.1, 192.0.2.1,            none,              none",
    "127.0.0.1, localhost,            X-Forwarded-For,   127.0.0.1",
    "127.0.0.1, localhost,            x-forwarded-host,  localhost",
    "127.0.0.1, localhost,            X-FORWARDED-ANY,   x",
    "127.0.0.1, localhost,            Forwarded,         for=127.0.0.1",
    "127.0.0.1, localhost,            via,               1.1 proxy",
  })
  void othersMayLookOnly(String from, String host, String header, String value) throws Exception {
    Map<String, String> headers = header.equals("none") ? Map.of() : Map.of(header, value);
    for (String method : List.of("GET", "HEAD", "OPTIONS")) {
      passed = false;
      send(method, from, host, headers);
      assertThat(passed).as(method).isTrue();
    }
    for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "TRACE", "get")) {
      passed = false;
      send(method, from, host, headers);
      assertRefused("only requests from the machine of this cache may change something");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, cross-site",
    "Sec-Fetch-Site, same-site",
    "Sec-Fetch-Site, ''",
    "Origin,         https://evil.example",
    "Origin,         http://localhost",
    "Origin,         http://localhost:5001",
    "Origin,         http://localhost:5000.evil.example",
    "Origin,         null",
  })
  void pageOfAnotherSiteMayChangeNothing(String header, String value) throws Exception {
    send("POST", "127.0.0.1", "localhost:5000", Map.of(header, value));
    assertRefused("a page of another site may not change anything here");
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, same-origin",
    "Sec-Fetch-Site, none",
    "Origin,         http://localhost:5000",
    "Origin,         https://localhost:5000",
  })
  void ownPageMayChangeSomething(String header, String value) throws Exception {
    send("POST", "127.0.0.1", "localhost:5000", Map.of(header, value));
    assertThat(passed).isTrue();
  }
}
