package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every endpoint, asked by everybody (S5, S19, S20). Which there are is read from the code: the
 * kinds of requests to the registry, the calls of openapi.json and the mappings of the servlets. A
 * new one has no row here, and fails.
 */
@TestMethodOrder(OrderAnnotation.class)
class EndpointRightsTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");

  /** Who asks; for each right a user who has that one alone, and one who views and manages. */
  private static final List<String> WHO =
      List.of(
          "-",
          "none",
          "pull",
          "view",
          "manage",
          "both",
          "bad token",
          "token of none",
          "token of pull");

  /** What somebody must have to be let in. */
  private enum Need {
    NOTHING,
    /** Nothing, but what is shown must be right. */
    NO_WRONG_LOGIN,
    LOGIN,
    PULL,
    VIEW,
    MANAGE,
    BOTH,
    /** What a token for pulls does not give. */
    TOKEN,
    PASSWORD
  }

  /** The kinds of requests to the registry. */
  private static final Map<Class<?>, Row> KINDS =
      Map.of(
          RegistryRequest.CheckVersion.class, new Row("/v2/", Need.LOGIN),
          RegistryRequest.GetRoot.class, new Row("/", Need.NO_WRONG_LOGIN),
          RegistryRequest.GetBlob.class, new Row("/v2/team/app/blobs/BLOB", Need.PULL),
          RegistryRequest.GetManifest.class, new Row("/v2/team/app/manifests/v1", Need.PULL),
          RegistryRequest.ListTags.class, new Row("/v2/team/app/tags/list", Need.PULL),
          RegistryRequest.ListReferrers.class, new Row("/v2/team/app/referrers/BLOB", Need.PULL),
          RegistryRequest.ListRepositories.class, new Row("/v2/_catalog", Need.PULL));

  /** What is mapped besides, with a path of each. */
  private static final Map<String, Row> MAPPINGS =
      Map.ofEntries(
          Map.entry("/v2/*", new Row("/v2/", Need.LOGIN)),
          Map.entry("/", new Row("/", Need.NO_WRONG_LOGIN)),
          Map.entry("/v2/token", new Row("/v2/token", Need.TOKEN)),
          Map.entry("/v2/token/jwks", new Row("/v2/token/jwks", Need.NOTHING)),
          Map.entry("/metrics", new Row("/metrics", Need.VIEW)),
          Map.entry("/api/*", new Row("/api/none", Need.VIEW)),
          Map.entry("/api/events", new Row("HEAD", "/api/events", Need.VIEW)),
          Map.entry("/ui/*", new Row("/ui/index.html", Need.NOTHING)),
          Map.entry("/api/session", new Row("/api/session", Need.TOKEN)),
          Map.entry("/api/login", new Row("/api/login", Need.NOTHING)),
          Map.entry("/api/callback", new Row("/api/callback", Need.NOTHING)));

  /** The calls of the administrative API that need no right. */
  private static final List<String> OPEN = List.of("/api/health/live", "/api/health/ready");

  /** This call ends the service. So it is the last one. */
  private static final String LAST = "/api/drain";

  private static final Map<String, String> TOKENS = new HashMap<>();

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;
  private static Digest blob;

  /** An endpoint and what it needs. */
  private record Row(String method, String path, Need need) {
    Row(String path, Need need) {
      this("GET", path, need);
    }

    /** The status with which a person is refused; 0 if it is let in. */
    int refusal(String who) {
      boolean isToken = who.startsWith("token of");
      boolean mayPull = who.endsWith("pull");
      return switch (need) {
        case NOTHING -> 0;
        case NO_WRONG_LOGIN -> who.equals("bad token") ? 401 : 0;
        case LOGIN -> who.equals("-") || who.equals("bad token") ? 401 : 0;
        case TOKEN -> isToken || who.equals("bad token") ? 401 : 0;
        case PASSWORD -> isKnown(who) ? 0 : 401;
        case PULL -> mayPull ? 0 : isKnown(who) ? 403 : 401;
        case VIEW, MANAGE, BOTH -> isUser(who) ? 0 : isKnown(who) ? 403 : 401;
      };
    }

    private static boolean isKnown(String who) {
      return !who.equals("-") && !who.contains("token");
    }

    private boolean isUser(String who) {
      return who.equals("both") || who.equals(need.name().toLowerCase(Locale.ROOT));
    }
  }

  @BeforeAll
  static void start() throws IOException {
    upstream = FakeRegistry.start();
    blob = upstream.putBlob("team/app", "bytes".getBytes(UTF_8));
    upstream.putManifest(
        "team/app", "v1", TYPE, "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8));
    StringBuilder users = new StringBuilder();
    for (String user : List.of("none", "pull", "view", "manage", "both")) {
      String hash = BCrypt.withDefaults().hashToString(4, (user + "-pw").toCharArray());
      users.append(user).append(':').append(hash).append('\n');
    }
    Path file = Files.writeString(folder.resolve("users"), users);
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("auth.htpasswd.path", file.toString())
            .set("auth.oidc.names", "staff")
            .set("auth.oidc.staff.issuer", "http://127.0.0.1:1")
            .set("auth.oidc.staff.audience", "a")
            .set("auth.oidc.staff.clientid", "entrepot")
            .set(
                "access",
                "user:pull pull **, user:view view **, user:manage manage **,"
                    + " user:both view,manage **")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  private static String[] credentials(String who, String path) {
    if (who.equals("-")) {
      return new String[0];
    }
    if (who.equals("bad token")) {
      return new String[] {"Authorization", "Bearer x.y.z"};
    }
    if (who.startsWith("token of ")) {
      return new String[] {"Authorization", "Bearer " + token(who.substring(9), path)};
    }
    return basic(who);
  }

  private static String[] basic(String user) {
    String pair = user + ":" + user + "-pw";
    return new String[] {
      "Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8))
    };
  }

  private static String token(String user, String path) {
    String scope =
        path.startsWith("/v2/_catalog") ? "registry:catalog:*" : "repository:team/app:pull";
    return TOKENS.computeIfAbsent(user + " " + scope, key -> newToken(user, scope));
  }

  private static String newToken(String user, String scope) {
    HttpResponse<byte[]> answer = server.get("/v2/token?scope=" + scope, basic(user));
    Matcher token = TOKEN.matcher(new String(answer.body(), UTF_8));
    assertThat(token.find()).isTrue();
    return token.group(1);
  }

  /** The calls that openapi.json describes. */
  private static List<Row> calls() throws IOException {
    JsonNode paths;
    try (InputStream in =
        RegistryRequest.class.getResourceAsStream("/io/entrepot/admin/openapi.json")) {
      paths = new ObjectMapper().readTree(in).get("paths");
    }
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      path.getValue().properties().forEach(each -> rows.add(call(path.getKey(), each.getKey())));
    }
    return rows;
  }

  private static Row call(String template, String verb) {
    String path = "/api" + template.replace("{digest}", "BLOB").replaceAll("\\{\\w+}", "x");
    boolean isStream = path.equals("/api/events");
    String method = isStream ? "HEAD" : verb.toUpperCase(Locale.ROOT);
    return new Row(method, path, need(method, path));
  }

  private static Need need(String method, String path) {
    if (path.equals("/api/activity")) {
      return Need.BOTH;
    }
    if (path.equals("/api/session")) {
      return isReading(method) ? Need.TOKEN : method.equals("POST") ? Need.PASSWORD : Need.NOTHING;
    }
    return OPEN.contains(path) ? Need.NOTHING : isReading(method) ? Need.VIEW : Need.MANAGE;
  }

  private static boolean isReading(String method) {
    return method.equals("GET") || method.equals("HEAD");
  }

  private static List<String> wrong(Row row) {
    List<String> wrong = new ArrayList<>();
    String path = row.path().replace("BLOB", blob.toString());
    for (String method :
        row.method().equals("GET") ? List.of("GET", "HEAD") : List.of(row.method())) {
      for (String who : WHO) {
        int status = server.send(method, path, credentials(who, path)).statusCode();
        int refusal = row.refusal(who);
        boolean isRight = refusal == 0 ? status != 401 && status != 403 : status == refusal;
        if (!isRight) {
          wrong.add("%s %s as %s: %d, not %s".formatted(method, path, who, status, refusal));
        }
      }
    }
    return wrong;
  }

  @Test
  @Order(1)
  void eachKindOfRequestToTheRegistryHasItsRow() {
    assertThat(leaves(RegistryRequest.class)).containsExactlyInAnyOrderElementsOf(KINDS.keySet());
    assertThat(KINDS.values()).flatExtracting(EndpointRightsTest::wrong).isEmpty();
  }

  private static List<Class<?>> leaves(Class<?> type) {
    return type.isSealed()
        ? Stream.of(type.getPermittedSubclasses()).flatMap(each -> leaves(each).stream()).toList()
        : List.of(type);
  }

  @Test
  @Order(2)
  void eachMappingOfAServletHasItsRow() {
    TreeSet<String> mapped = new TreeSet<>(server.mappings());
    assertThat(mapped).containsExactlyInAnyOrderElementsOf(MAPPINGS.keySet());
    assertThat(MAPPINGS.values()).flatExtracting(EndpointRightsTest::wrong).isEmpty();
  }

  @Test
  @Order(3)
  void nothingOfTheRegistryIsWritten() {
    Map<String, Integer> statuses = new TreeMap<>();
    for (String method : List.of("PUT", "POST", "PATCH", "DELETE")) {
      for (Row row : KINDS.values()) {
        String path = row.path().replace("BLOB", blob.toString());
        for (String who : WHO) {
          int status = server.send(method, path, credentials(who, path)).statusCode();
          statuses.merge(Integer.toString(status), 1, Integer::sum);
        }
      }
    }
    assertThat(statuses).containsOnlyKeys("405");
  }

  @Test
  @Order(4)
  void eachCallOfTheAdministrativeApiAnswersByTheRights() throws IOException {
    List<Row> rows = new ArrayList<>(calls());
    rows.sort(Comparator.comparing(row -> row.path().equals(LAST)));
    assertThat(rows).hasSizeGreaterThan(20);
    assertThat(rows.get(rows.size() - 1).path()).isEqualTo(LAST);
    assertThat(rows).extracting(Row::need).contains(Need.NOTHING, Need.VIEW, Need.MANAGE);
    assertThat(rows).flatExtracting(EndpointRightsTest::wrong).isEmpty();
  }
}
