package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.ECKey;
import io.entrepot.access.SignedClaims;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pulls by tokens of an OpenID Connect provider (S5, S18, S22). */
class ForeignTokenTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final ECKey KEY = SignedClaims.ec("one");

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static ScriptedServer provider;
  private static volatile boolean down;
  private static TestServer server;

  @BeforeAll
  static void start() {
    upstream = FakeRegistry.start();
    for (String name : List.of("team/app", "dev/app", "secret/app")) {
      upstream.putManifest(name, "v1", TYPE, "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8));
    }
    provider = ScriptedServer.start(ForeignTokenTest::publish);
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("auth.oidc.names", "ci")
            .set("auth.oidc.ci.issuer", provider.uri().toString())
            .set("auth.oidc.ci.audience", "entrepot")
            .set("auth.oidc.ci.require", "protected=true")
            .set(
                "access",
                "user:oidc.ci:repo:acme/app pull team/**, group:dev pull dev/**,"
                    + " group:oidc.ci:ops view **")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    provider.close();
    upstream.close();
  }

  private static Reply publish(Recorded request) {
    if (down) {
      return Reply.json(503, "{}");
    }
    if (request.path().equals("/.well-known/openid-configuration")) {
      String json = "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}";
      return Reply.json(200, json.formatted(provider.uri(), provider.uri()));
    }
    return Reply.json(200, new String(SignedClaims.keys(KEY), UTF_8));
  }

  private static String claims(String user, String more) {
    return "{\"iss\":\"%s\",\"aud\":\"entrepot\",\"exp\":%d,\"protected\":\"true\",\"sub\":\"%s\"%s}"
        .formatted(provider.uri(), System.currentTimeMillis() / 1000 + 600, user, more);
  }

  private static String token(String user, String... groups) {
    String list =
        groups.length == 0 ? "" : ",\"groups\":[\"" + String.join("\",\"", groups) + "\"]";
    return SignedClaims.token(KEY, claims(user, list));
  }

  private static HttpResponse<byte[]> bearer(String path, String token) {
    return server.get(path, "Authorization", "Bearer " + token);
  }

  private static HttpResponse<byte[]> basic(String path, String user, String password) {
    String both = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    return server.get(path, "Authorization", "Basic " + both);
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), UTF_8);
  }

  private static String ours(HttpResponse<byte[]> answer) {
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    Matcher token = TOKEN.matcher(text(answer));
    assertThat(token.find()).isTrue();
    return token.group(1);
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/team/app/manifests/v1,   200, 403, 403",
    "/v2/dev/app/manifests/v1,    403, 200, 403",
    "/v2/secret/app/manifests/v1, 403, 403, 403",
    "/v2/secret/none/tags/list,   403, 403, 403",
    "/v2/,                        200, 200, 200",
    "/metrics,                    403, 403, 200",
    "/api/stats,                  403, 403, 200",
  })
  void rulesCountForUsersAndGroupsOfAToken(String path, int job, int dev, int ops) {
    List<String> tokens =
        List.of(token("repo:acme/app"), token("repo:acme/b", "dev"), token("ann", "ops", "x"));
    List<Integer> statuses = List.of(job, dev, ops);
    for (int i = 0; i < 3; i++) {
      assertThat(bearer(path, tokens.get(i)).statusCode()).as("Bearer").isEqualTo(statuses.get(i));
      assertThat(basic(path, "any-name", tokens.get(i)).statusCode())
          .as("as a password")
          .isEqualTo(statuses.get(i));
    }
  }

  @Test
  void tokenServiceTakesItAsBearerAsAPasswordAndInAForm() throws Exception {
    String path = "/v2/token?service=x&scope=repository:team/app:pull";
    String theirs = token("repo:acme/app");
    HttpResponse<byte[]> form =
        server
            .client()
            .send(
                HttpRequest.newBuilder(server.uri("/v2/token"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "grant_type=password&username=x&scope=repository:team/app:pull&password="
                                + theirs))
                    .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    for (HttpResponse<byte[]> answer :
        List.of(bearer(path, theirs), basic(path, "oauth2accesstoken", theirs), form)) {
      String ours = ours(answer);
      assertThat(bearer("/v2/team/app/manifests/v1", ours).statusCode()).isEqualTo(200);
      assertThat(bearer("/v2/dev/app/manifests/v1", ours).statusCode()).isEqualTo(401);
      assertThat(bearer(path, ours).statusCode()).as("a token gives no other").isEqualTo(401);
    }
    String groups = ours(basic("/v2/token?scope=repository:dev/app:pull", "x", token("b", "dev")));
    assertThat(bearer("/v2/dev/app/manifests/v1", groups).statusCode()).isEqualTo(200);
  }

  @Test
  void wrongTokenIsRefusedAndSaysSo() {
    String other = SignedClaims.token(SignedClaims.ec("one"), claims("repo:acme/app", ""));
    String unprotected =
        SignedClaims.token(KEY, claims("repo:acme/app", "").replace("\"true\"", "\"false\""));
    for (String wrong : List.of(other, unprotected, "a.b.c", "x".repeat(7000))) {
      HttpResponse<byte[]> answer = bearer("/v2/team/app/manifests/v1", wrong);
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(text(answer)).contains("UNAUTHORIZED").doesNotContain(wrong);
      assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
          .startsWith("Bearer realm=\"http://127.0.0.1:" + server.port() + "/v2/token\"")
          .endsWith(",error=\"invalid_token\"");
    }
    assertThat(basic("/v2/", "ann", unprotected).statusCode()).isEqualTo(401);
  }

  /** It waits for no provider longer than the provider takes to say no. */
  @Test
  void providerThatIsDownIsAMomentaryFailureForUnknownKeysOnly() {
    String known = token("repo:acme/app");
    assertThat(bearer("/v2/", known).statusCode()).isEqualTo(200);
    ECKey next = SignedClaims.ec("two");
    String unknown = SignedClaims.token(next, claims("repo:acme/app", ""));
    down = true;
    try {
      HttpResponse<byte[]> answer = bearer("/v2/team/app/manifests/v1", unknown);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(text(answer)).doesNotContain(provider.uri().toString());
      assertThat(basic("/v2/", "x", unknown).statusCode()).isEqualTo(503);
      assertThat(bearer("/metrics", unknown).statusCode()).isEqualTo(503);
      assertThat(bearer("/v2/", known).statusCode()).isEqualTo(200);
    } finally {
      down = false;
    }
  }

  @Test
  void keysAreReadOnceForAllTokens() {
    for (int i = 0; i < 5; i++) {
      assertThat(bearer("/v2/", token("user-" + i)).statusCode()).isEqualTo(200);
    }
    assertThat(provider.lines().stream().filter(line -> line.endsWith("/keys -> 200")))
        .hasSizeLessThan(3);
    assertThat(provider.requests()).allMatch(request -> request.header("authorization") == null);
  }
}
