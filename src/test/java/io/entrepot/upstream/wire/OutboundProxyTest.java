package io.entrepot.upstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.PasswordAuthentication;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which hosts a proxy serves, and what it must have. */
class OutboundProxyTest {
  @ParameterizedTest
  @CsvSource({
    "registry.example.com, true",
    "internal.corp, false",
    "INTERNAL.corp, false",
    "a.internal.corp, true",
    "a.lab.corp, false",
    "lab.corp, true",
    "evillab.corp, true"
  })
  void proxyServesAllButItsExceptions(String host, boolean served) {
    OutboundProxy proxy =
        new OutboundProxy("proxy", 3128, null, List.of("internal.corp", " .LAB.corp"));

    assertThat(proxy.serves(host)).isEqualTo(served);
    assertThat(new OutboundProxy("proxy", 3128, null, List.of("*")).serves(host)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"'',1", "proxy,0", "proxy,65536"})
  void proxyHasAHostAndAPort(String host, int port) {
    assertThatThrownBy(() -> new OutboundProxy(host, port, null, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void passwordIsNotShown() {
    PasswordAuthentication login = new PasswordAuthentication("u", "hunter2".toCharArray());

    assertThat(new OutboundProxy("proxy", 3128, login, List.of()).toString())
        .doesNotContain("hunter2");
  }
}
