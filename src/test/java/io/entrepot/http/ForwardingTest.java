package io.entrepot.http;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The address and host of a client, and which headers are used for them (S11). */
class ForwardingTest {
  private static final String PROXY = "10.0.0.1";
  private static final String INNER = "10.0.0.2";
  private static final String CLIENT = "192.0.2.7";

  private final Forwarding forwarding =
      new Forwarding(
          address -> Set.of(PROXY, INNER, "fd00:0:0:0:0:0:0:1").contains(address.getHostAddress()));

  /** A request as the servlet API shows it. A header may occur several times. */
  private record Request(String peer, String serverName, Map<String, List<String>> headers) {
    HttpServletRequest asServletRequest() {
      return (HttpServletRequest)
          Proxy.newProxyInstance(
              Request.class.getClassLoader(),
              new Class<?>[] {HttpServletRequest.class},
              (self, method, arguments) ->
                  switch (method.getName()) {
                    case "getRemoteAddr" -> peer;
                    case "getServerName" -> serverName;
                    case "getScheme" -> "http";
                    case "getHeaders" ->
                        Collections.enumeration(headers.getOrDefault(arguments[0], List.of()));
                    default -> throw new UnsupportedOperationException(method.getName());
                  });
    }
  }

  private Forwarding.Sender client(String peer, Map<String, List<String>> headers) {
    return forwarding.sender(new Request(peer, "Own.Example", headers).asServletRequest());
  }

  private Forwarding.Sender viaProxy(String header, String... values) {
    return client(PROXY, Map.of(header, List.of(values)));
  }

  @Test
  void headersOfUntrustedProxiesAreIgnored() {
    Forwarding.Sender client =
        client(
            CLIENT,
            Map.of(
                "X-Forwarded-For", List.of("198.51.100.1"),
                "X-Forwarded-Host", List.of("evil.example"),
                "X-Forwarded-Proto", List.of("https")));

    assertThat(client.address()).isEqualTo(CLIENT);
    assertThat(client.host()).contains("own.example");
    assertThat(client.origin()).isEmpty();
  }

  @Test
  void trustedProxyThatSaysNothingChangesNothing() {
    Forwarding.Sender client = client(PROXY, Map.of());

    assertThat(client.address()).isEqualTo(PROXY);
    assertThat(client.host()).contains("own.example");
    assertThat(client.origin()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "192.0.2.7 | 192.0.2.7",
        "192.0.2.7, 10.0.0.2 | 192.0.2.7",
        "6.6.6.6, 192.0.2.7, 10.0.0.2 | 192.0.2.7",
        "6.6.6.6,192.0.2.7 | 192.0.2.7",
        "10.0.0.2 | 10.0.0.2",
        "192.0.2.7:4711 | 192.0.2.7",
        "192.0.2.7, [fd00::1]:4711 | 192.0.2.7",
        "2001:db8::7, fd00::1 | 2001:db8:0:0:0:0:0:7",
        "[2001:db8::7] | 2001:db8:0:0:0:0:0:7",
        "192.0.2.7, ::ffff:10.0.0.2 | 192.0.2.7",
        "192.0.2.7, unknown | 10.0.0.1",
        "192.0.2.7, unknown, 10.0.0.2 | 10.0.0.2",
        "client.example | 10.0.0.1",
        "192.0.2.7, | 10.0.0.1"
      })
  void clientIsTheNearestThatIsNotTrusted(String forwardedFor, String client) {
    assertThat(viaProxy("X-Forwarded-For", forwardedFor).address()).isEqualTo(client);
  }

  @Test
  void headersThatComeSeveralTimesAreOneList() {
    assertThat(viaProxy("X-Forwarded-For", "6.6.6.6, 192.0.2.7", INNER).address())
        .isEqualTo(CLIENT);
    assertThat(viaProxy("X-Forwarded-Host", "evil.example", "hub.example").host())
        .contains("hub.example");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hub.example | hub.example | http://hub.example",
        "Hub.Example:8443 | hub.example | http://hub.example:8443",
        "hub.example:80 | hub.example | http://hub.example",
        "evil.example, hub.example | hub.example | http://hub.example",
        "my_host | my_host | http://my_host",
        "192.0.2.1:5000 | 192.0.2.1 | http://192.0.2.1:5000",
        "[2001:db8::1]:5000 | [2001:db8::1] | http://[2001:db8::1]:5000"
      })
  void hostIsWhatTheTrustedProxySays(String forwarded, String host, String origin) {
    Forwarding.Sender client = viaProxy("X-Forwarded-Host", forwarded);

    assertThat(client.host()).contains(host);
    assertThat(client.origin()).isEqualTo(origin);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hub.example/path",
        "user@hub.example",
        "hub.example:65536",
        "hub.example:",
        "hub.example:x",
        "-hub",
        "hub example",
        "hub.example>; rel=\"next\", <x",
        "hub.example\r\nX-Evil: 1",
        "hub\n.example",
        "[::g]",
        "[hub.example]",
        "::1",
        "hüb.example",
        "*",
        ","
      })
  void hostThatIsNotValidIsIgnored(String forwarded) {
    Forwarding.Sender client = viaProxy("X-Forwarded-Host", forwarded);

    assertThat(client.host()).contains("own.example");
    assertThat(client.origin()).isEmpty();
  }

  @Test
  void hostOfTheRequestIsCheckedToo() {
    Request strange = new Request(CLIENT, "a\r\nb", Map.of());
    assertThat(forwarding.sender(strange.asServletRequest()).host()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https | 443 | https://hub.example",
        "HTTPS | 8443 | https://hub.example:8443",
        "http, https | 443 | https://hub.example",
        "http | 443 | http://hub.example:443",
        "gopher | 80 | http://hub.example",
        "https | 0x50 | https://hub.example",
        "https | 65536 | https://hub.example"
      })
  void linksUseSchemeAndPortOfTheProxy(String proto, String port, String origin) {
    Forwarding.Sender client =
        client(
            PROXY,
            Map.of(
                "X-Forwarded-Host", List.of("hub.example"),
                "X-Forwarded-Proto", List.of(proto),
                "X-Forwarded-Port", List.of(port)));

    assertThat(client.origin()).isEqualTo(origin);
  }

  /** A proxy that writes one kind of header passes the other kind on as the client wrote it. */
  @Test
  void standardHeaderIsNotReadBesideTheCommonOnes() {
    Forwarding.Sender client =
        client(
            PROXY,
            Map.of(
                "Forwarded", List.of("for=6.6.6.6;host=evil.example;proto=https"),
                "X-Forwarded-For", List.of(CLIENT)));

    assertThat(client.address()).isEqualTo(CLIENT);
    assertThat(client.host()).contains("own.example");
  }
}
