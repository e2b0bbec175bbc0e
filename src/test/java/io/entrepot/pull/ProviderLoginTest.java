package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.RSAKey;
import io.entrepot.access.SignedClaims;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.FormText;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** People log in by the page of an OpenID Connect provider (S18, S35). */
class ProviderLoginTest {
  private static final RSAKey KEY = SignedClaims.rsa("one");
  private static final String CODE = "the code";

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private FakeRegistry upstream;
  private ScriptedServer provider;
  private TestServer server;

  /** What the provider says in its next token, but for what is asked of it. */
  private final Map<String, String> claims = new HashMap<>();

  private volatile int tokenStatus = 200;

  @BeforeEach
  void start() {
    upstream = FakeRegistry.start();
    provider = ScriptedServer.start(this::answer);
    claims.put("iss", quoted(provider.uri().toString()));
    claims.put("aud", quoted("entrepot"));
    claims.put("sub", quoted("ann"));
    claims.put("groups", "[\"ops\"]");
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("auth.oidc.names", "staff")
            .set("auth.oidc.staff.issuer", provider.uri().toString())
            .set("auth.oidc.staff.audience", "others")
            .set("auth.oidc.staff.clientid", "entrepot")
            .set("auth.oidc.staff.clientsecret", "sec:ret")
            .set("auth.oidc.staff.scopes", "openid, groups")
            .set("access", "group:oidc.staff:ops view,manage **")
            .set("http.trustedproxies", "127.0.0.1")
            .clock(clock)
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
    provider.close();
    upstream.close();
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }

  private Reply answer(Recorded request) {
    String here = provider.uri().toString();
    return switch (request.path()) {
      case "/.well-known/openid-configuration" ->
          Reply.json(
              200,
              """
              {"issuer":"%s","jwks_uri":"%s/keys","authorization_endpoint":"%s/page?x=1",
               "token_endpoint":"%s/token"}
              """
                  .formatted(here, here, here, here));
      case "/keys" -> Reply.json(200, new String(SignedClaims.keys(KEY), UTF_8));
      case "/token" -> Reply.json(tokenStatus, "{\"id_token\":\"" + token() + "\"}");
      default -> Reply.json(404, "{}");
    };
  }

  private String token() {
    claims.putIfAbsent("exp", Long.toString(clock.instant().getEpochSecond() + 60));
    List<String> fields = new ArrayList<>();
    claims.forEach((name, value) -> fields.add(quoted(name) + ":" + value));
    return SignedClaims.token(KEY, "{" + String.join(",", fields) + "}");
  }

  private static Map<String, String> form(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String field : text.split("&", -1)) {
      String[] parts = field.split("=", 2);
      try {
        fields.put(parts[0], FormText.decode(parts[1]));
      } catch (CharacterCodingException e) {
        throw new IllegalStateException(e);
      }
    }
    return fields;
  }

  private static String location(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(302);
    return response.headers().firstValue("Location").orElseThrow();
  }

  /** A browser on its way: what the provider was sent, and the cookie. */
  private record Begun(Map<String, String> sent, String cookie) {}

  private Begun begin(String query, String... headers) {
    HttpResponse<byte[]> response = server.get("/api/login?provider=staff" + query, headers);
    URI page = URI.create(location(response));
    assertThat(page.toString()).startsWith(provider.uri() + "/page?x=1&");
    String cookie = response.headers().firstValue("Set-Cookie").orElseThrow();
    Map<String, String> sent = form(page.getRawQuery());
    claims.put("nonce", quoted(sent.get("nonce")));
    return new Begun(sent, cookie.replaceAll(";.*", ""));
  }

  private HttpResponse<byte[]> end(Begun begun, String more) {
    String query = "?code=the%20code&state=" + begun.sent().get("state") + more;
    return server.get("/api/callback" + query, "Cookie", begun.cookie());
  }

  private static List<String> cookies(HttpResponse<byte[]> response) {
    return response.headers().allValues("Set-Cookie");
  }

  private void assertRefused(HttpResponse<byte[]> response) {
    assertThat(location(response)).isEqualTo("../ui/#/login?trouble=refused");
    assertThat(cookies(response))
        .containsExactly("entrepot-login=; Max-Age=0; HttpOnly; SameSite=Lax");
  }

  @Test
  void browserIsSentToTheProviderWithWhatOnlyThisLoginHas() throws Exception {
    HttpResponse<byte[]> response = server.get("/api/login?provider=staff");
    Map<String, String> sent = form(URI.create(location(response)).getRawQuery());
    assertThat(sent)
        .containsEntry("response_type", "code")
        .containsEntry("client_id", "entrepot")
        .containsEntry("scope", "openid groups")
        .containsEntry("redirect_uri", server.uri("/api/callback").toString())
        .containsEntry("code_challenge_method", "S256");
    assertThat(cookies(response).get(0))
        .matches("entrepot-login=[\\w.-]+; Max-Age=600; HttpOnly; SameSite=Lax");
    Map<String, String> other = begin("").sent();
    for (String name : List.of("state", "nonce", "code_challenge")) {
      assertThat(sent.get(name)).hasSize(43).isNotEqualTo(other.get(name));
    }
  }

  @Test
  void personWhomTheProviderNamesHasASession() throws Exception {
    Begun begun = begin("&back=/repositories?q=team");
    HttpResponse<byte[]> ended = end(begun, "&iss=" + provider.uri());
    assertThat(location(ended)).isEqualTo("../ui/#/repositories?q=team");
    String session = cookies(ended).get(1);
    assertThat(session).startsWith("entrepot-session=").contains("SameSite=Strict");
    String cookie = session.replaceAll(";.*", "");
    assertThat(server.get("/api/stats", "Cookie", cookie).statusCode()).isEqualTo(200);
    assertThat(new String(server.get("/api/session", "Cookie", cookie).body(), UTF_8))
        .contains("\"user\":\"oidc.staff:ann\"", "\"providers\":[\"staff\"]");
    assertThat(new String(server.get("/api/activity", "Cookie", cookie).body(), UTF_8))
        .contains("\"action\":\"login\",\"principal\":\"oidc.staff:ann\"");

    Recorded asked =
        provider.requests().stream().filter(it -> it.path().equals("/token")).findFirst().get();
    String basic = Base64.getEncoder().encodeToString("entrepot:sec%3Aret".getBytes(UTF_8));
    assertThat(asked.method()).isEqualTo("POST");
    assertThat(asked.header("Authorization")).isEqualTo("Basic " + basic);
    Map<String, String> form = form(asked.body());
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(form.get("code_verifier").getBytes(UTF_8));
    assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(hash))
        .isEqualTo(begun.sent().get("code_challenge"));
    assertThat(form)
        .containsEntry("grant_type", "authorization_code")
        .containsEntry("code", CODE)
        .containsEntry("redirect_uri", begun.sent().get("redirect_uri"));
  }

  @Test
  void tokenOfALoginIsNoLoginElsewhere() {
    Begun begun = begin("");
    location(end(begun, ""));
    String bearer = "Bearer " + token();
    assertThat(server.get("/api/stats", "Authorization", bearer).statusCode()).isEqualTo(401);
    assertThat(server.get("/v2/", "Authorization", bearer).statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%3Cscript%3E"
      })
  void pageToGoBackToIsOneOfOurs(String back) {
    String target = location(end(begin("&back=" + back.replace("\\", "%5C")), ""));
    assertThat(target).startsWith("../ui/#").doesNotContain("<", "\r", "\\");
    URI seen = server.uri("/api/callback").resolve(target);
    assertThat(seen.getHost()).isEqualTo("127.0.0.1");
    assertThat(seen.getPath()).isEqualTo("/ui/");
  }

  @Test
  void lineBreaksMakeNoHeader() {
    HttpResponse<byte[]> refused =
        server.get("/api/login?provider=staff&back=/a%0d%0aSet-Cookie:%20x=y");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(cookies(refused)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "nonce, \"another\"",
    "nonce, null",
    "aud,   \"others\"",
    "azp,   \"another\"",
    "iss,   \"https://evil.example\"",
    "exp,   1",
    "sub,   \"\"",
  })
  void tokenThatIsNotOfThisLoginIsRefused(String claim, String value) {
    Begun begun = begin("");
    claims.put(claim, value);
    assertRefused(end(begun, ""));
  }

  @Test
  void whatThisBrowserHasNotBegunIsRefusedWithoutAQuestion() {
    Begun mine = begin("");
    Begun theirs = begin("");
    provider.clearRequests();
    assertRefused(end(new Begun(theirs.sent(), mine.cookie()), ""));
    assertRefused(server.get("/api/callback?code=x&state=" + mine.sent().get("state")));
    assertRefused(server.get("/api/callback"));
    assertRefused(end(mine, "&iss=https://evil.example"));
    clock.advance(Duration.ofMinutes(10));
    assertRefused(end(mine, ""));
    assertThat(provider.lines()).isEmpty();
  }

  @Test
  void codeThatTheProviderRefusesCountsAsAFailedLogin() {
    tokenStatus = 400;
    for (int i = 0; i < 10; i++) {
      assertRefused(end(begin(""), ""));
    }
    provider.clearRequests();
    assertThat(location(end(begin(""), ""))).isEqualTo("../ui/#/login?trouble=slowed");
    assertThat(provider.lines()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 404, 500})
  void providerThatFailsIsNoFailureOfThePerson(int status) {
    tokenStatus = status;
    for (int i = 0; i < 11; i++) {
      assertThat(location(end(begin(""), ""))).isEqualTo("../ui/#/login?trouble=unavailable");
    }
  }

  @Test
  void callbackIsWhereTheBrowserSeesThisCache() {
    String[] proxy = {
      "X-Forwarded-Proto", "https", "X-Forwarded-Host", "cache.example", "X-Forwarded-For", "::1"
    };
    assertThat(begin("", proxy).sent())
        .containsEntry("redirect_uri", "https://cache.example/api/callback");
  }

  @Test
  void onlyProvidersWithAClientAreAsked() {
    assertThat(server.get("/api/login?provider=other").statusCode()).isEqualTo(404);
    assertThat(server.send("POST", "/api/login?provider=staff").statusCode()).isEqualTo(405);
  }
}
