package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Content;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.credentials.Credentials;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Realms that redirect, and who gets the credentials then. */
@Timeout(60)
class RealmRedirectTest extends RealmFixture {
  private @Nullable ScriptedServer elsewhere;

  @AfterEach
  void closeTheOther() {
    if (elsewhere != null) {
      elsewhere.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void realmThatRedirectsIsFollowedWithTheCredentials(int status) throws Exception {
    HttpRegistry upstream =
        upstream(
            request ->
                switch (request.path()) {
                  case "/token" -> redirect(status, "/auth/token?" + request.query());
                  case "/auth/token" -> token("T");
                  default ->
                      has(request, "T")
                          ? blob()
                          : challenge(server().uri() + "/token", scope(request));
                },
            with(ANN));

    assertThat(fetch(upstream, A)).isEqualTo(BYTES);

    Recorded last = last("/auth/token");
    assertThat(last.header("Authorization")).startsWith("Basic ");
    assertThat(last.query()).isEqualTo("service=s&scope=repository%3Ateam-a%2Fapp%3Apull");
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 308})
  void postToARealmThatRedirectsStaysAPost(int status) throws Exception {
    HttpRegistry upstream =
        upstream(
            request ->
                switch (request.path()) {
                  case "/token" -> redirect(status, "/auth/token");
                  case "/auth/token" ->
                      request.method().equals("POST")
                          ? token("T")
                          : Reply.error(405, "NO", "POST only");
                  default ->
                      has(request, "T")
                          ? blob()
                          : challenge(server().uri() + "/token", scope(request));
                },
            with(new Credentials.IdentityToken("refresh-secret")));

    assertThat(fetch(upstream, A)).isEqualTo(BYTES);

    assertThat(last("/auth/token").body()).contains("refresh_token=refresh-secret");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void credentialsFollowARealmsRedirectOnlyToATrustedRealm(boolean trusted) throws Exception {
    ScriptedServer other = ScriptedServer.start(request -> token("T"));
    elsewhere = other;
    HttpRegistry upstream =
        upstream(
            request ->
                request.path().equals("/token")
                    ? redirect(307, other.uri() + "/auth?" + request.query())
                    : has(request, "T")
                        ? blob()
                        : challenge(server().uri() + "/token", scope(request)),
            options ->
                with(ANN)
                    .apply(options)
                    .auth(
                        auth ->
                            trusted
                                ? auth.withTrustedRealms(
                                    List.of(TrustedRealm.parse(other.uri() + "/auth")))
                                : auth));

    assertThat(fetch(upstream, A)).isEqualTo(BYTES);

    assertThat(other.requests())
        .singleElement()
        .satisfies(r -> assertThat(r.header("Authorization") != null).isEqualTo(trusted));
  }

  @Test
  void identityTokenDoesNotFollowARedirectToAnotherOrigin() {
    ScriptedServer other = ScriptedServer.start(request -> token("T"));
    elsewhere = other;
    HttpRegistry upstream =
        upstream(
            request ->
                request.path().equals("/token")
                    ? redirect(308, other.uri() + "/auth")
                    : challenge(server().uri() + "/token", scope(request)),
            with(new Credentials.IdentityToken("refresh-secret")));

    assertFails(Failure.DENIED, () -> fetch(upstream, A));

    assertThat(other.requests())
        .allSatisfy(
            r -> {
              assertThat(r.method()).isEqualTo("GET");
              assertThat(r.body()).isEmpty();
              assertThat(r.header("Authorization")).isNull();
            });
  }

  @Test
  void realmThatRedirectsInARingIsInvalid() {
    HttpRegistry upstream =
        upstream(
            request ->
                request.path().equals("/token")
                    ? redirect(307, "/token")
                    : challenge(server().uri() + "/token", scope(request)));

    assertFails(Failure.INVALID, () -> fetch(upstream, A))
        .hasMessageContaining("the realm redirects too often");
    assertThat(server().lines()).hasSize(7);
  }

  private static Reply redirect(int status, String location) {
    return Reply.of(status, Content.of(new byte[0])).header("Location", location);
  }

  private Recorded last(String path) {
    List<Recorded> all = server().requests().stream().filter(Recorded.path(path)).toList();
    return all.get(all.size() - 1);
  }
}
