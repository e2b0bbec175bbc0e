package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeTokenService;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.credentials.Credentials;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a token service is asked, and what is made of its answers (S12). */
@Timeout(60)
class TokenServiceTest {
  private static final byte[] BYTES = "bytes".getBytes(UTF_8);
  private static final Credentials ANN = new Credentials.Password("ann", "pass:word");

  private final Bench bench = new Bench();
  private final FakeTokenService tokens =
      bench.registry.requireTokens().clock(bench.clock).user("ann", "pass:word");
  private final Digest digest = bench.registry.putBlob(BYTES);

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void passwordIsSentToTheTokenServiceOnly() throws Exception {
    tokens.refuseAnonymous();

    assertThat(bench.fetch(bench.upstream(ANN), digest)).isEqualTo(BYTES);

    assertThat(bench.registry.tokenRequests().get(0).header("Authorization"))
        .isEqualTo("Basic YW5uOnBhc3M6d29yZA==");
    assertThat(bench.registry.requests(Recorded.blob(digest)))
        .extracting(r -> String.valueOf(r.header("Authorization")))
        .containsExactly("null", "Bearer fake-token-1");
  }

  @Test
  void identityTokenIsExchangedByPost() throws Exception {
    tokens.refreshToken("identity&secret").refuseAnonymous();

    Credentials identity = new Credentials.IdentityToken("identity&secret");
    assertThat(bench.fetch(bench.upstream(identity), digest)).isEqualTo(BYTES);

    Recorded request = bench.registry.tokenRequests().get(0);
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.header("Content-Type")).startsWith("application/x-www-form-urlencoded");
    assertThat(request.query()).isNull();
    assertThat(request.body().split("&", -1))
        .containsExactlyInAnyOrder(
            "grant_type=refresh_token",
            "client_id=entrepot",
            "refresh_token=identity%26secret",
            "service=fake-registry",
            "scope=repository%3Alibrary%2Falpine%3Apull");
    assertThat(bench.cost.requests()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 405})
  void serviceWithoutPostIsAskedByGet(int status) throws Exception {
    tokens.user("<token>", "identity").refuseAnonymous();
    bench.registry.inject(Recorded.token().and(Recorded.method("POST")), Fault.status(status));

    Credentials identity = new Credentials.IdentityToken("identity");
    assertThat(bench.fetch(bench.upstream(identity), digest)).isEqualTo(BYTES);
    assertThat(bench.registry.tokenRequests())
        .extracting(Recorded::method)
        .containsExactly("POST", "GET");
    assertThat(bench.cost.requests()).isEqualTo(4);
  }

  @Test
  void accessTokenIsATokenToo() throws Exception {
    tokens.field("access_token");

    assertThat(bench.fetch(bench.upstream(), digest)).isEqualTo(BYTES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{\"token\":\"\"}",
        "{\"token\":\"a\\r\\nX: y\"}",
        "{\"x\":1}"
      })
  void answerWithoutTokenIsInvalid(String body) {
    bench.registry.inject(Recorded.token(), Fault.body(body.getBytes(UTF_8)));

    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("/token got an unusable answer");
  }

  @Test
  void endlessAndDeepTokensAreInvalid() {
    byte[] endless = ("{\"token\":\"" + "x".repeat(70_000) + "\"}").getBytes(UTF_8);
    bench.registry.inject(Recorded.token(), Fault.body(endless), 1);
    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("more than 65536 bytes");

    byte[] deep = ("{\"x\":" + "[".repeat(30_000)).getBytes(UTF_8);
    bench.registry.inject(Recorded.token(), Fault.body(deep), 1);
    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("nested too deep");
  }

  @Test
  void serviceThatIsNotFoundSaysNothingOfTheBlob() {
    bench.registry.inject(Recorded.token(), Fault.status(404));

    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("/token failed: 404");
  }

  @Test
  void throttledServiceIsThrottling() {
    bench.registry.inject(Recorded.token(), Fault.throttled("9"));

    assertFails(Failure.THROTTLED, () -> bench.fetch(bench.upstream(), digest))
        .satisfies(e -> assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(9)));
  }
}
