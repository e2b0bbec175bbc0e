package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FakeTokenService;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who sees the credentials (S1), and what is said when access is denied. */
@Timeout(60)
class CredentialsRuleTest {
  private static final byte[] BYTES = "bytes".getBytes(UTF_8);
  private static final Credentials ANN = new Credentials.Password("ann", "hunter2");
  private static final Credentials WRONG = new Credentials.Password("ann", "hunter3");

  private final Bench bench = new Bench();
  private final FakeRegistry registry = bench.registry;
  private final Digest digest = registry.putBlob(BYTES);

  @AfterEach
  void close() {
    bench.close();
  }

  private FakeTokenService tokens(FakeTokenService service) {
    return service.clock(bench.clock).user("ann", "hunter2");
  }

  @Test
  void realmOfAnotherOriginGetsNoCredentialsButMayGiveAnonymousTokens() throws Exception {
    tokens(registry.requireTokensOfAnotherOrigin());

    assertThat(bench.fetch(bench.upstream(ANN), digest)).isEqualTo(BYTES);

    assertThat(registry.tokenRequests()).hasSize(1);
    assertThat(registry.tokenRequests().get(0).headers()).doesNotContainKey("authorization");
    assertThat(registry.requests().toString()).doesNotContain("hunter2");
  }

  @Test
  void realmOfAnotherOriginThatWantsThemIsTheReasonGiven() {
    tokens(registry.requireTokensOfAnotherOrigin()).refuseAnonymous();

    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(ANN), digest))
        .hasMessageContaining("/token gave no token: 401")
        .hasMessageEndingWith("the credentials were not sent there");
    assertThat(registry.tokenRequests().get(0).headers()).doesNotContainKey("authorization");
  }

  @Test
  void identityTokenDoesNotLeaveForAnotherOriginEither() throws Exception {
    tokens(registry.requireTokensOfAnotherOrigin());

    bench.fetch(bench.upstream(new Credentials.IdentityToken("hunter2")), digest);

    assertThat(registry.tokenRequests()).extracting(Recorded::method).containsExactly("GET");
    assertThat(registry.tokenRequests().toString()).doesNotContain("hunter2");
  }

  @Test
  void trustedRealmGetsTheCredentials() throws Exception {
    FakeTokenService service = tokens(registry.requireTokensOfAnotherOrigin()).refuseAnonymous();
    TrustedRealm trusted = TrustedRealm.parse(service.realm().toString());
    HttpRegistry upstream =
        bench.upstream(
            o ->
                o.auth(
                    a ->
                        a.withCredentials(CredentialSource.of(ANN))
                            .withTrustedRealms(List.of(trusted))));

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://registry.invalid/token",
        "file:///etc/passwd",
        "ftp://127.0.0.1/token",
        "/token",
        "http://user@127.0.0.1/token",
        "http://127.0.0.1/token#x",
        "mailto:x@y"
      })
  void realmThatIsNobodysIsNotAskedAtAll(String realm) {
    tokens(registry.requireTokens()).realm(URI.create(realm));

    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(ANN), digest))
        .hasMessageContaining("no token is asked of realm");
    assertThat(bench.cost.requests()).isEqualTo(1);
  }

  @Test
  void wrongPasswordIsToldFromAMissingRight() {
    tokens(registry.requireTokens()).restrict(Bench.NAME, "bob");

    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(WRONG), digest))
        .hasMessageContaining("gave no token: 401 (\"UNAUTHORIZED\" \"incorrect username")
        .hasMessageEndingWith("wrong credentials of user \"ann\"");
    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(ANN), digest))
        .hasMessageContaining("failed: 401")
        .hasMessageEndingWith(
            "the credentials are accepted but have no right to this, or it does not exist");
    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageEndingWith("anonymous access is not allowed to this, or it does not exist");
    assertFails(
            Failure.DENIED,
            () -> bench.fetch(bench.upstream(new Credentials.IdentityToken("x")), digest))
        .hasMessageEndingWith("wrong or expired identity token");
  }

  @Test
  void denialCostsOneFreshTokenAtMost() {
    tokens(registry.requireTokens()).restrict(Bench.NAME, "bob");
    HttpRegistry upstream = bench.upstream(ANN);

    assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest));
    assertThat(bench.cost.requests()).isEqualTo(3);

    Cost again = new Cost();
    assertFails(Failure.DENIED, () -> Bench.fetch(upstream, REPOSITORY, digest, again));
    assertThat(again.requests()).isEqualTo(3);
  }

  @Test
  void tokenFetchedBeforehandIsNotFetchedAgain() throws Exception {
    tokens(registry.requireTokens()).restrict(Bench.NAME, "bob");
    HttpRegistry upstream = bench.upstream(ANN);
    upstream.connect(new Cost());

    assertFails(Failure.DENIED, () -> bench.fetch(upstream, digest));
    assertThat(bench.cost.requests()).isEqualTo(2);
  }

  @Test
  void secretIsCutFromWhatTheServiceEchoes() {
    tokens(registry.requireTokens());
    registry.inject(
        Recorded.token(), Fault.reply(Reply.error(401, "NO", "the password hunter2 is wrong")));

    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(ANN), digest))
        .hasMessageContaining("the password *** is wrong")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void basicIsAnsweredAndThenSentAtOnce() throws Exception {
    registry.requireBasic("ann", "hunter2");
    HttpRegistry upstream = bench.upstream(ANN);

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(bench.cost.requests()).isEqualTo(2);
    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(bench.cost.requests()).isEqualTo(3);
  }

  @Test
  void basicWithoutTheRightPasswordIsDenied() {
    registry.requireBasic("ann", "hunter2");

    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(WRONG), digest))
        .hasMessageEndingWith("wrong credentials of user \"ann\"");
    assertThat(bench.cost.requests()).isEqualTo(2);
    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageEndingWith("a user and a password are asked for and none are configured");
  }

  @Test
  void connectingTellsWhatDoesNotWork() throws Exception {
    registry.requireBasic("ann", "hunter2");

    bench.upstream(ANN).connect(bench.cost);
    assertThat(bench.cost.requests()).isEqualTo(2);
    assertFails(Failure.DENIED, () -> bench.upstream(WRONG).connect(bench.cost))
        .hasMessageContaining("GET " + registry.uri() + "/v2/ failed: 401");
  }

  @Test
  void refusalWithoutChallengeIsDenied() {
    registry.inject(Recorded.blob(digest), Fault.status(401));

    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(ANN), digest))
        .hasMessageEndingWith("no challenge that can be answered");
    assertThat(registry.requests())
        .extracting(Recorded::path)
        .containsExactly("/v2/library/alpine/blobs/" + digest, "/v2/");
  }

  @Test
  void schemeThatIsNotUnderstoodIsDenied() {
    registry.inject(
        Recorded.blob(digest),
        Fault.reply(
            Reply.error(401, "NO", "no")
                .header("WWW-Authenticate", "Negotiate abc==, Digest realm=\"x\"")));

    assertFails(Failure.DENIED, () -> bench.fetch(bench.upstream(ANN), digest))
        .hasMessageEndingWith("no challenge that can be answered");
  }
}
