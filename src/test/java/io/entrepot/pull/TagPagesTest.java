package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of tags of upstreams that page by their own rules. */
class TagPagesTest {
  private static final String LIST = "/v2/team/app/tags/list";
  private static final List<String> TAGS = List.of("a", "b", "c", "d", "e", "f", "g");

  @TempDir Path folder;
  private TagBench bench;

  @BeforeEach
  void begin() {
    bench = new TagBench(folder, 0);
    bench.start(builder -> builder);
  }

  @AfterEach
  void stop() {
    bench.close();
  }

  /** Lets the upstream answer requests for the list, by the parameters of the request. */
  private void upstream(Function<Map<String, String>, Reply> list) {
    bench.upstream.front(
        (request, registry) ->
            request.path().equals(LIST)
                ? list.apply(parameters(request))
                : registry.apply(request));
  }

  private static Map<String, String> parameters(Recorded request) {
    Map<String, String> parameters = new HashMap<>();
    if (request.query() != null) {
      for (String pair : request.query().split("&", -1)) {
        String[] parts = pair.split("=", 2);
        parameters.put(parts[0], parts.length == 2 ? parts[1] : "");
      }
    }
    return parameters;
  }

  private static Reply page(List<String> tags, String link) {
    String quoted = tags.stream().map(tag -> '"' + tag + '"').collect(Collectors.joining(","));
    Reply reply = Reply.json(200, "{\"name\":\"team/app\",\"tags\":[" + quoted + "]}");
    return link == null ? reply : reply.header("Link", "<" + link + ">; rel=\"next\"");
  }

  /** Pages of three tags by a token of the upstream's own, whatever else is asked. */
  private static Reply byToken(List<String> tags, String token, Map<String, String> asked) {
    int from = Integer.parseInt(asked.getOrDefault("next_page", "0" + token).split("\\D", -1)[0]);
    int to = Math.min(from + 3, tags.size());
    return page(
        tags.subList(from, to), to == tags.size() ? null : "?next_page=" + to + token + "&n=3");
  }

  private HttpResponse<byte[]> get(String query) {
    bench.clock.advance(Duration.ofSeconds(3)); // so that no answer is one of before
    return bench.server().get(LIST + query);
  }

  private static List<String> tags(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).as(TagBench.text(response)).isEqualTo(200);
    try {
      List<String> tags = new ArrayList<>();
      new ObjectMapper()
          .readTree(response.body())
          .path("tags")
          .forEach(tag -> tags.add(tag.asText()));
      return tags;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Follows the links of a list as clients do, to its end or to a failure. */
  private List<HttpResponse<byte[]>> follow(String query) {
    List<HttpResponse<byte[]>> pages = new ArrayList<>();
    HttpResponse<byte[]> page = get(query);
    pages.add(page);
    while (page.headers().firstValue("Link").isPresent()) {
      String link = page.headers().firstValue("Link").orElseThrow();
      String target = link.substring(1, link.indexOf('>'));
      assertThat(target).startsWith(LIST + "?");
      page = get(target.substring(LIST.length()));
      pages.add(page);
      assertThat(pages).hasSizeLessThan(50);
    }
    return pages;
  }

  private List<String> followed(String query) {
    return follow(query).stream().flatMap(page -> tags(page).stream()).toList();
  }

  private List<String> askedQueries() {
    return bench.upstream.requests(Recorded.path(LIST)).stream()
        .map(request -> String.valueOf(request.query()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%2F%2b==", "-gAAAAABm_.~:@,;!", "|{}"})
  void tokensOfTheUpstreamLeadToTheEnd(String token) {
    upstream(asked -> byToken(TAGS, token, asked));

    assertThat(followed("")).isEqualTo(TAGS);
    String wire = token.replace("|", "%7C").replace("{", "%7B").replace("}", "%7D");
    assertThat(askedQueries())
        .containsExactly("null", "next_page=3" + wire + "&n=3", "next_page=6" + wire + "&n=3");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7, 100})
  void countOfTheClientHoldsForAnUpstreamThatPagesByItsOwn(int n) {
    upstream(asked -> byToken(TAGS, "", asked));

    List<HttpResponse<byte[]>> pages = follow("?n=" + n);
    assertThat(pages).allSatisfy(page -> assertThat(tags(page)).hasSizeLessThanOrEqualTo(n));
    assertThat(pages.stream().flatMap(page -> tags(page).stream())).isEqualTo(TAGS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void clientThatPagesByLastComesToTheEndToo(int n) {
    upstream(asked -> byToken(TAGS, "", asked));

    List<String> seen = new ArrayList<>();
    List<String> page = tags(get("?n=" + n));
    while (!page.isEmpty()) {
      seen.addAll(page);
      page = tags(get("?n=" + n + "&last=" + seen.get(seen.size() - 1)));
    }
    assertThat(seen).isEqualTo(TAGS);
  }

  @ParameterizedTest
  @CsvSource({
    "'', abcdefg",
    "?n=3, abc",
    "?n=100, abcdefg",
    "?last=c, defg",
    "?n=2&last=c, de",
    "?n=2&last=cc, de",
    "?last=A, abcdefg",
    "?last=g, ''",
    "?last=zz, ''",
    "?n=0, ''",
    "?n=0&last=c, ''"
  })
  void listWithoutPagesAndOrderIsSortedAndCutHere(String query, String expected) {
    List<String> mixed = List.of("g", "a", "d", "b", "f", "c", "e", "a");
    upstream(asked -> page(mixed, null));

    assertThat(String.join("", tags(get(query)))).isEqualTo(expected);
    assertThat(followed("?n=2")).isEqualTo(TAGS);
  }

  @Test
  void zeroIsAnEmptyListWithoutALink() {
    upstream(asked -> byToken(TAGS, "", asked));

    HttpResponse<byte[]> none = get("?n=0");
    assertThat(tags(none)).isEmpty();
    assertThat(none.headers().firstValue("Link")).isEmpty();
    bench.upstream.front((request, registry) -> Reply.error(404, "NAME_UNKNOWN", "no such name"));
    assertThat(get("?n=0").statusCode()).isEqualTo(404);
  }

  /** Such as one that does not look at upper case. */
  @Test
  void orderOfAnUpstreamThatFollowsLastIsKept() {
    List<String> order = List.of("a", "B", "c", "D", "e");
    upstream(
        asked -> {
          int from = order.indexOf(asked.getOrDefault("last", "")) + 1;
          int to = Math.min(from + 2, order.size());
          return page(
              order.subList(from, to),
              to == order.size() ? null : LIST + "?last=" + order.get(to - 1) + "&n=2");
        });

    assertThat(followed("?n=2")).isEqualTo(order);
    assertThat(followed("?n=1")).isEqualTo(order);
  }

  @Test
  void tokenInLastOfOverAThousandCharactersIsCarriedAsItIs() {
    String token = "x".repeat(1500) + "%2B%3D";
    upstream(
        asked ->
            asked.containsKey("last")
                ? page(List.of("c"), null)
                : page(List.of("a", "b"), LIST + "?last=" + token + "&n=2"));

    assertThat(followed("?n=2")).containsExactly("a", "b", "c");
    assertThat(askedQueries()).containsExactly("n=2", "last=" + token + "&n=2");
    assertThat(tags(get("?n=2&last=" + token))).containsExactly("c");
    assertThat(askedQueries().get(2)).isEqualTo("n=2&last=" + token);
  }

  @Test
  void upstreamIsAskedForNothingButItsList() {
    String evil = "1,,,x=1/../../../_catalog?y=https://evil.example/";
    upstream(asked -> page(List.of("a"), null));

    get("?entrepot-page=" + URLEncoder.encode(evil, UTF_8));
    assertThat(bench.upstream.requests()).extracting(Recorded::path).containsOnly(LIST);
    assertThat(get("?entrepot-page=1,,,a%20b").statusCode()).isEqualTo(400);
    assertThat(get("?entrepot-page=https://evil.example/").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"same token", "new tokens", "circle", "last", "empty", "first again"})
  void listWithoutProgressIsABadGateway(String kind) {
    int[] count = {0};
    upstream(
        asked -> {
          int i = count[0]++;
          List<String> first = List.of("a", "b");
          return switch (kind) {
            case "same token" -> page(first, "?t=1");
            case "new tokens" -> page(first, "?t=" + i);
            case "circle" -> page(i % 2 == 0 ? first : List.of("c", "d"), "?t=" + i);
            case "last" -> page(first, "?last=b&n=2");
            case "first again" ->
                i == 0 ? page(first, "?t=1") : page(List.of("c" + i % 3), "?t=" + i);
            default -> page(List.of(), "?t=" + i);
          };
        });

    List<HttpResponse<byte[]>> pages = follow("?n=2");
    HttpResponse<byte[]> end = pages.get(pages.size() - 1);
    assertThat(end.statusCode()).isEqualTo(502);
    assertThat(TagBench.text(end)).contains("UNAVAILABLE");
    assertThat(bench.upstream.requests()).hasSizeLessThan(30);
  }

  @ParameterizedTest
  @CsvSource({
    "400, PAGINATION_NUMBER_INVALID, PAGINATION_NUMBER_INVALID",
    "422, SOME_OTHER, SOME_OTHER",
    "416, <b>, PAGINATION_NUMBER_INVALID"
  })
  void parameterThatTheUpstreamRefusesIsABadRequest(int status, String code, String told) {
    upstream(asked -> Reply.error(status, code, "invalid number of results requested"));

    HttpResponse<byte[]> refused = get("?n=10000");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(TagBench.text(refused)).contains('"' + told + '"', "invalid number of results");
  }

  @Test
  void listOfManyMebibytesIsReadThrough() {
    List<String> many = IntStream.range(0, 20_000).mapToObj(i -> "v%06d".formatted(i)).toList();
    String map = "\"manifest\":{\"x\":\"" + "y".repeat(12 << 20) + "\"},";
    upstream(
        asked -> {
          String plain = new String(page(many, null).body().bytes(), UTF_8);
          return Reply.json(200, "{" + map + plain.substring(1));
        });

    assertThat(tags(get(""))).isEqualTo(many);
    assertThat(tags(get("?n=2&last=v000100"))).containsExactly("v000101", "v000102");
  }

  @Test
  void sameQuestionWithinTwoSecondsIsOneRequest() {
    upstream(asked -> page(TAGS, null));

    assertThat(get("").headers().firstValue("Cache-Status"))
        .hasValue("entrepot; fwd=miss; detail=miss");
    bench.clock.advance(Duration.ofMillis(1999));
    assertThat(bench.server().get(LIST).headers().firstValue("Cache-Status"))
        .hasValue("entrepot; hit; detail=hit");
    assertThat(tags(bench.server().get(LIST + "?n=2"))).containsExactly("a", "b");
    assertThat(askedQueries()).containsExactly("null", "n=2");
    bench.clock.advance(Duration.ofMillis(1));
    bench.server().get(LIST);
    assertThat(askedQueries()).hasSize(3);
  }

  /** As the conformance suite asks: a tag is pushed between two lists. */
  @Test
  void newTagIsListedAtOnceWhereNoAbsenceIsRemembered() {
    bench.start(builder -> builder.set("proxy.negative", "0s"));
    upstream(asked -> page(List.of("a"), null));
    assertThat(tags(bench.server().get(LIST))).containsExactly("a");

    upstream(asked -> page(List.of("a", "b"), null));
    assertThat(tags(bench.server().get(LIST))).containsExactly("a", "b");
    assertThat(askedQueries()).hasSize(2);
  }

  @Test
  void failureIsNotKept() {
    upstream(asked -> Reply.error(503, "UNAVAILABLE", "later"));
    assertThat(get("").statusCode()).isEqualTo(502);

    upstream(asked -> page(Collections.emptyList(), null));
    assertThat(tags(bench.server().get(LIST))).isEmpty();
  }

  @Test
  void twentyClientsOfOneListAreOneRequest() throws Exception {
    Gate gate = new Gate();
    upstream(asked -> page(TAGS, null));
    bench.upstream.inject(Recorded.path(LIST), Fault.gateBeforeHead(gate));

    List<CompletableFuture<HttpResponse<byte[]>>> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(Background.supply(() -> bench.server().get(LIST + "?n=3")));
    }
    gate.awaitReached();
    gate.release();
    for (CompletableFuture<HttpResponse<byte[]>> client : clients) {
      assertThat(tags(client.get(60, TimeUnit.SECONDS))).containsExactly("a", "b", "c");
    }
    assertThat(askedQueries()).containsExactly("n=3");
  }
}
