package io.entrepot.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.entrepot.oci.IpAddress;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Via;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Any bytes where a client or a proxy says who it is and what it wants (S11, S12). */
class HttpFuzzTest {
  /**
   * A request of which the first line is the host, the second the query, and each further one a
   * header: its first letter stands for one of the names.
   */
  private record FuzzedRequest(List<String> lines, List<String> names) {
    static HttpServletRequest of(byte[] data, String... names) {
      FuzzedRequest request =
          new FuzzedRequest(
              Arrays.asList(new String(data, ISO_8859_1).split("\n", -1)), List.of(names));
      return (HttpServletRequest)
          Proxy.newProxyInstance(
              FuzzedRequest.class.getClassLoader(),
              new Class<?>[] {HttpServletRequest.class},
              (self, method, arguments) -> request.says(method.getName(), arguments));
    }

    private @Nullable Object says(String method, Object @Nullable [] arguments) {
      return switch (method) {
        case "getHeaders" ->
            Collections.enumeration(headers(String.valueOf(arguments == null ? "" : arguments[0])));
        case "getQueryString" -> lines.size() < 2 || lines.get(1).isEmpty() ? null : lines.get(1);
        case "getServerName" -> lines.get(0);
        case "getRemoteAddr" -> "127.0.0.1";
        case "getScheme" -> "http";
        default -> throw new UnsupportedOperationException(method);
      };
    }

    private List<String> headers(String name) {
      return lines.stream()
          .skip(2)
          .filter(line -> !line.isEmpty() && names.get(line.charAt(0) % names.size()).equals(name))
          .map(line -> line.substring(1))
          .toList();
    }
  }

  @FuzzTest
  void forwarding(byte[] data) {
    HttpServletRequest request =
        FuzzedRequest.of(
            data, "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto");
    Forwarding.Sender sender =
        new Forwarding(address -> address.isLoopbackAddress()).sender(request);
    assertThat(IpAddress.parse(sender.address())).isPresent();
    sender
        .host()
        .ifPresent(
            host -> assertThat(host).isEqualTo(host.toLowerCase(Locale.ROOT)).matches("[!-~]+"));
    if (!sender.origin().isEmpty()) {
      assertThat(sender.origin()).matches("https?://[a-z0-9._-]+(:[0-9]{1,5})?|https?://\\[.*");
      assertThat(URI.create(sender.origin()).getScheme()).isIn("http", "https");
    }
  }

  @FuzzTest
  void namespaces(byte[] data) {
    HttpServletRequest request = FuzzedRequest.of(data, "OCI-Namespace");
    try {
      String wanted = WantedNamespace.of(request);
      if (wanted != null) {
        assertThat(new String(data, ISO_8859_1)).isNotEmpty();
        assertThat(wanted).hasSizeLessThanOrEqualTo(data.length);
      }
    } catch (OciException e) {
      assertThat(e.error().status()).isEqualTo(400);
    }
  }

  @FuzzTest
  void loops(byte[] data) {
    LoopGuard guard = new LoopGuard("me-1");
    try {
      Via via = guard.enter(FuzzedRequest.of(data, "Via"));
      assertThat(via.caches()).endsWith("me-1").hasSizeLessThanOrEqualTo(Via.MAX_CACHES);
      assertThat(via.header()).matches("[ -~]+");
    } catch (OciException e) {
      assertThat(e.error()).isEqualTo(OciError.LOOP);
    }
  }

  @FuzzTest
  void forms(byte[] data) {
    String raw = new String(data, ISO_8859_1);
    try {
      Form form = Form.parse(raw);
      long characters =
          form.parameters().entrySet().stream()
              .mapToLong(it -> it.getKey().length() + String.join("", it.getValue()).length())
              .sum();
      assertThat(characters).isLessThanOrEqualTo(raw.length());
      form.parameters().keySet().forEach(name -> assertThat(form.first(name)).isNotNull());
    } catch (OciException e) {
      assertThat(e.error().status()).isEqualTo(400);
    }
  }
}
