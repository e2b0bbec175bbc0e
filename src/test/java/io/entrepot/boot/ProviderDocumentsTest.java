package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import io.entrepot.memory.Allowance;
import io.entrepot.upstream.wire.RedirectTargets;
import io.entrepot.upstream.wire.WireOptions;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a provider of OpenID Connect may send us for its keys (S35). */
class ProviderDocumentsTest {
  private static final int MAX = 1 << 10;
  private static final String ADVICE = "set auth.oidc.staff.jwks";

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ScriptedServer inside =
      ScriptedServer.start(
          request ->
              request.path().equals("/moved")
                  ? Reply.json(302, "{}").header("Location", "/keys")
                  : Reply.json(200, "{\"keys\":[]}"));

  @AfterEach
  void stop() {
    inside.close();
    timer.shutdownNow();
  }

  private String read(String provider, String url) throws IOException {
    try (ProviderDocuments documents =
        new ProviderDocuments(
            WireOptions.of(URI.create(provider)).withRedirects(RedirectTargets.none(ADVICE)),
            timer,
            new Allowance(1 << 20))) {
      return new String(documents.read(URI.create(url), MAX), UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"})
  void providerOutsideLeadsToNothingOnThisMachine(String host) {
    String port = ":" + inside.uri().getPort();
    for (String scheme : new String[] {"http://", "https://"}) {
      assertThatThrownBy(() -> read("https://192.0.2.1", scheme + host + port + "/keys"))
          .isInstanceOf(IOException.class)
          .message()
          .containsPattern("address|https only");
    }
    assertThat(inside.acceptedConnections()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200"})
  void providerOutsideLeadsToNoAddressInside(String host) {
    assertThatThrownBy(() -> read("https://192.0.2.1", "https://" + host + "/keys"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("address " + host);
  }

  @Test
  void providerOnThisMachineMayHaveItsKeysHereAndNowhereElseInside() throws IOException {
    String here = inside.uri().toString();
    assertThat(read(here, here + "/keys")).isEqualTo("{\"keys\":[]}");
    assertThat(read("http://127.0.0.1:1", here + "/keys")).isEqualTo("{\"keys\":[]}");
    assertThatThrownBy(() -> read(here, "https://10.0.0.1/keys"))
        .hasMessageContaining("private address 10.0.0.1, where 127.0.0.1 is not; " + ADVICE);
  }

  @Test
  void redirectIsNotFollowed() {
    String here = inside.uri().toString();
    assertThatThrownBy(() -> read(here, here + "/moved")).hasMessageContaining("302");
    assertThat(inside.requests()).hasSize(1);
  }
}
