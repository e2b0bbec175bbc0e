package io.entrepot.upstream.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.wire.OutboundProxy;
import io.entrepot.upstream.wire.Timeouts;
import io.entrepot.upstream.wire.UpstreamTls;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an upstream is made from, and what is refused at once. */
class UpstreamOptionsTest {
  private static final UpstreamOptions OPTIONS =
      UpstreamOptions.of(URI.create("https://registry.example.com"));

  @Test
  void defaultsAreAnonymousAndDirect() {
    assertThat(OPTIONS)
        .isEqualTo(
            new UpstreamOptions(
                URI.create("https://registry.example.com"),
                CredentialSource.ANONYMOUS,
                false,
                List.of(),
                new Timeouts(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30)),
                64,
                null,
                "entrepot",
                UpstreamTls.DEFAULT,
                Restraint.DEFAULT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry.example.com",
        "ftp://a",
        "https://a/v2",
        "https://a?b",
        "https://a#b",
        "https://user:pw@a",
        "mailto:a@b"
      })
  void upstreamIsSchemeHostAndPort(String uri) {
    assertThatThrownBy(() -> UpstreamOptions.of(URI.create(uri)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("pw");
  }

  @Test
  void oneConnectionIsTheLeast() {
    assertThat(OPTIONS.withMaxConnections(1).maxConnections()).isEqualTo(1);
    assertThatThrownBy(() -> OPTIONS.withMaxConnections(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void timeoutsAreMoreThanZero(int which) {
    Duration[] d = new Duration[5];
    java.util.Arrays.fill(d, Duration.ofSeconds(1));
    d[which] = Duration.ZERO;

    assertThatThrownBy(() -> new Timeouts(d[0], d[1], d[2], d[3], d[4]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void secretsAreNotShown() {
    Credentials password = new Credentials.Password("ann", "hunter2");
    Credentials identity = new Credentials.IdentityToken("hunter2");

    assertThat(OPTIONS.withCredentials(password).toString())
        .contains("Password[ann, ***]")
        .doesNotContain("hunter2");
    assertThat(OPTIONS.withCredentials(identity).toString()).doesNotContain("hunter2");
    assertThat(
            new OutboundProxy("proxy", 3128, new Credentials.Password("u", "hunter2"), List.of())
                .toString())
        .doesNotContain("hunter2");
    assertThat(password.redact("is hunter2 right, hunter2?")).isEqualTo("is *** right, ***?");
    assertThat(identity.redact("hunter2")).isEqualTo("***");
    assertThat(Credentials.ANONYMOUS.redact("hunter2")).isEqualTo("hunter2");
  }

  @Test
  void emptyAndUnsendableCredentialsAreRefused() {
    assertThatThrownBy(() -> new Credentials.Password("", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Credentials.Password("a:b", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Credentials.Password("a", ""))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Credentials.IdentityToken(""))
        .isInstanceOf(IllegalArgumentException.class);
  }

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
}
