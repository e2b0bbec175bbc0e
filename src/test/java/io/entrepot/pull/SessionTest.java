package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.access.Sessions;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.TestClock;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** People log in on the web pages, and what their session is good for (S18). */
class SessionTest {
  private static final String[] OWN_PAGE = {"Sec-Fetch-Site", "same-origin"};
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private FakeRegistry upstream;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    upstream = FakeRegistry.start();
    String hash = BCrypt.withDefaults().hashToString(4, "right".toCharArray());
    Path users =
        Files.writeString(
            folder.resolve("users"), "ops:" + hash + "\nann:" + hash + "\nbob:" + hash + "\n");
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("auth.htpasswd.path", users.toString())
            .set("access", "user:ops pull,view,manage **, user:ann pull,view **")
            .set("http.trustedproxies", "127.0.0.1")
            .clock(clock)
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  private HttpResponse<byte[]> login(String user, String password, String... more) {
    String pair = user + ":" + password;
    String basic = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    return send("POST", "/api/session", with(more, "Authorization", basic));
  }

  private HttpResponse<byte[]> send(String method, String path, String... headers) {
    return server.send(method, path, with(headers, "X-Requested-With", "XMLHttpRequest"));
  }

  private static String[] with(String[] headers, String... more) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static String cookie(HttpResponse<byte[]> response) {
    return response.headers().firstValue("Set-Cookie").orElseThrow();
  }

  /** What a browser sends after it has logged in. */
  private String sessionOf(String user) {
    HttpResponse<byte[]> begun = login(user, "right", OWN_PAGE);
    assertThat(begun.statusCode()).isEqualTo(200);
    return cookie(begun).replaceAll(";.*", "");
  }

  private int status(String method, String path, String... headers) {
    return send(method, path, headers).statusCode();
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  @Test
  void sessionIsACookieThatOnlyOurPagesSend() {
    HttpResponse<byte[]> begun = login("ann", "right", OWN_PAGE);
    assertThat(begun.statusCode()).isEqualTo(200);
    assertThat(text(begun))
        .isEqualTo(
            "{\"passwords\":true,\"user\":\"htpasswd:ann\",\"inSession\":true,\"providers\":[]}");
    assertThat(cookie(begun))
        .matches("entrepot-session=[\\w.-]+; Max-Age=3600; HttpOnly; SameSite=Strict");
    assertThat(begun.headers().firstValue("Cache-Control")).hasValue("no-store");
  }

  @ParameterizedTest
  @CsvSource({"https, true", "HTTPS, true", "http, false", "ftp, false"})
  void cookieIsForTlsAloneWhereAProxySaysThatItEndedTls(String proto, boolean secure) {
    HttpResponse<byte[]> begun = login("ann", "right", with(OWN_PAGE, "X-Forwarded-Proto", proto));
    assertThat(cookie(begun).endsWith("; Secure")).isEqualTo(secure);
  }

  @Test
  void sessionHasTheRightsOfItsUser() {
    String ann = sessionOf("ann");
    String ops = sessionOf("ops");
    String bob = sessionOf("bob");
    assertThat(status("GET", "/api/stats", "Cookie", ann)).isEqualTo(200);
    assertThat(status("GET", "/api/stats", "Cookie", bob)).isEqualTo(403);
    assertThat(status("POST", "/api/verify", with(OWN_PAGE, "Cookie", ann))).isEqualTo(403);
    assertThat(status("POST", "/api/verify", with(OWN_PAGE, "Cookie", ops))).isEqualTo(202);
    assertThat(text(send("GET", "/api/session", "Cookie", ann)))
        .isEqualTo(
            "{\"passwords\":true,\"user\":\"htpasswd:ann\",\"inSession\":true,\"providers\":[]}");
    assertThat(text(send("GET", "/api/session")))
        .isEqualTo("{\"passwords\":true,\"user\":null,\"inSession\":false,\"providers\":[]}");
  }

  @Test
  void wrongPasswordBeginsNothingAndOpensNoDialog() {
    HttpResponse<byte[]> refused = login("ann", "wrong", OWN_PAGE);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(refused.headers().allValues("WWW-Authenticate"))
        .containsExactly("Session realm=\"/api/session\"");
    assertThat(text(refused)).contains("the user name or the password is wrong");
  }

  @Test
  void callOfAPageIsRefusedWithoutADialogAndAnyOtherCallWithBasic() {
    assertThat(send("GET", "/api/stats").headers().firstValue("WWW-Authenticate"))
        .hasValue("Session realm=\"/api/session\"");
    assertThat(server.get("/api/stats").headers().firstValue("WWW-Authenticate").orElseThrow())
        .startsWith("Basic realm=");
  }

  @Test
  void addressThatGuessesIsSlowedAsInOtherLogins() {
    for (int i = 0; i < 10; i++) {
      assertThat(login("ann", "guess" + i, OWN_PAGE).statusCode()).isEqualTo(401);
    }
    assertThat(login("ann", "right", OWN_PAGE).statusCode()).isEqualTo(429);
    clock.advance(Duration.ofMinutes(1));
    assertThat(login("ann", "right", OWN_PAGE).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, cross-site",
    "Sec-Fetch-Site, same-site",
    "Origin, https://evil.example",
    "Origin, null",
  })
  void pageOfAnotherSiteNeitherBeginsNorUsesASession(String header, String value) {
    assertThat(login("ops", "right", header, value).statusCode()).isEqualTo(403);
    String ops = sessionOf("ops");
    for (String path : List.of("/api/verify", "/api/session")) {
      assertThat(status("POST", path, header, value, "Cookie", ops)).as(path).isEqualTo(403);
    }
    assertThat(status("DELETE", "/api/session", header, value, "Cookie", ops)).isEqualTo(403);
  }

  @Test
  void changeByASessionNeedsProofOfItsPage() {
    String ops = sessionOf("ops");
    assertThat(status("POST", "/api/verify", "Cookie", ops)).isEqualTo(403);
    String own = "http://127.0.0.1:" + server.port();
    assertThat(status("POST", "/api/verify", "Cookie", ops, "Origin", own)).isEqualTo(202);
  }

  @Test
  void sessionEndsAfterAnHour() {
    String ann = sessionOf("ann");
    clock.advance(Sessions.LIFETIME.minusSeconds(1));
    assertThat(status("GET", "/api/stats", "Cookie", ann)).isEqualTo(200);
    clock.advance(Duration.ofSeconds(1));
    assertThat(status("GET", "/api/stats", "Cookie", ann)).isEqualTo(401);
    assertThat(status("GET", "/api/session", "Cookie", ann)).isEqualTo(200);
  }

  @Test
  void logoutHasTheBrowserForgetTheSession() {
    String ann = sessionOf("ann");
    HttpResponse<byte[]> left = send("DELETE", "/api/session", with(OWN_PAGE, "Cookie", ann));
    assertThat(left.statusCode()).isEqualTo(200);
    assertThat(cookie(left)).isEqualTo("entrepot-session=; Max-Age=0; HttpOnly; SameSite=Strict");
  }

  @Test
  void sessionIsNoTokenForPulls() {
    String session = sessionOf("ops").replaceAll(".*=", "");
    String bearer = "Bearer " + session;
    for (String path : List.of("/v2/", "/v2/team/app/manifests/v1", "/api/stats", "/metrics")) {
      assertThat(status("GET", path, "Authorization", bearer)).as(path).isEqualTo(401);
    }
    for (String path : List.of("/v2/", "/v2/team/app/manifests/v1", "/metrics")) {
      String cookie = "entrepot-session=" + session;
      assertThat(status("GET", path, "Cookie", cookie)).as(path).isEqualTo(401);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/token", "/v2/token?scope=repository:team/app:pull"})
  void tokenForPullsIsNoSession(String path) {
    String basic = "Basic " + Base64.getEncoder().encodeToString("ops:right".getBytes(UTF_8));
    Matcher token = TOKEN.matcher(text(server.get(path, "Authorization", basic)));
    assertThat(token.find()).isTrue();
    String cookie = "entrepot-session=" + token.group(1);
    assertThat(status("GET", "/api/stats", "Cookie", cookie)).isEqualTo(401);
    String bearer = "Bearer " + token.group(1);
    assertThat(status("POST", "/api/session", with(OWN_PAGE, "Authorization", bearer)))
        .isEqualTo(401);
  }

  @Test
  void sessionBeginsNoOther() {
    assertThat(status("POST", "/api/session", with(OWN_PAGE, "Cookie", sessionOf("ann"))))
        .isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "x.y.z", "eyJhbGciOiJub25lIn0.e30."})
  void brokenSessionIsNone(String value) {
    String cookie = "entrepot-session=" + value;
    assertThat(status("GET", "/api/stats", "Cookie", cookie)).isEqualTo(401);
    assertThat(status("GET", "/api/session", "Cookie", cookie)).isEqualTo(200);
  }

  @Test
  void loginAndLogoutAreInTheAuditLog() {
    String ops = sessionOf("ops");
    send("DELETE", "/api/session", with(OWN_PAGE, "Cookie", ops));
    assertThat(text(send("GET", "/api/activity", "Cookie", ops)))
        .contains(
            "\"action\":\"login\",\"principal\":\"htpasswd:ops\"",
            "\"action\":\"logout\",\"principal\":\"htpasswd:ops\"");
  }

  @Test
  void otherMethodsAreRefused() {
    HttpResponse<byte[]> refused = send("PUT", "/api/session");
    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(refused.headers().firstValue("Allow")).hasValue("GET, HEAD, POST, DELETE");
  }
}
