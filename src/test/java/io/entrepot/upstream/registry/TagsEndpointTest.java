package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.NAME;
import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Page;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of tags, page by page. */
@Timeout(60)
class TagsEndpointTest {
  private static final String LIST = "/v2/library/alpine/tags/list";

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.upstream();

  TagsEndpointTest() {
    for (String tag : new String[] {"3.20", "3.21", "edge", "latest"}) {
      bench.registry.putManifest(NAME, tag, "application/json", "{}".getBytes(UTF_8));
    }
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private TagPage list(Page page) throws UpstreamException {
    return upstream.listTags(REPOSITORY, page.query(), bench.cost);
  }

  private void answer(String json) {
    bench.registry.inject(Recorded.path(LIST), Fault.body(json.getBytes(UTF_8)));
  }

  @Test
  void allTagsTakeOneRequestWithoutQuery() throws Exception {
    assertThat(list(Page.ALL))
        .isEqualTo(new TagPage(List.of("3.20", "3.21", "edge", "latest"), null));
    assertThat(bench.registry.requests().get(0).query()).isNull();
  }

  @Test
  void pagesAreFollowedByTheirLinks() throws Exception {
    TagPage first = list(new Page(3, null));
    assertThat(first.tags()).containsExactly("3.20", "3.21", "edge");
    assertThat(first.next()).isEqualTo("last=edge&n=3");

    TagPage second = upstream.listTags(REPOSITORY, first.next(), bench.cost);
    assertThat(second.tags()).containsExactly("latest");
    assertThat(second.next()).isNull();
    assertThat(bench.registry.requests().get(1).query()).isEqualTo("last=edge&n=3");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10_000, 999_999_999})
  void anyCountIsPassedOn(int n) throws Exception {
    list(new Page(n, "a b"));

    assertThat(bench.registry.requests().get(0).query()).isEqualTo("n=" + n + "&last=a+b");
  }

  private void link(String target) {
    bench.registry.clearFaults();
    bench.registry.inject(
        Recorded.path(LIST), Fault.header("Link", "<" + target + ">; rel=\"next\""));
  }

  /** Registries behind proxies write a wrong host or prefix. Only the query is used. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "?next_page=gAAAAABm-_=%2F%2b&n=3",
        "list?next_page=gAAAAABm-_=%2F%2b&n=3",
        "/v2/library/alpine/tags/list?next_page=gAAAAABm-_=%2F%2b&n=3",
        "/prefix/v2/library/alpine/tags/list?next_page=gAAAAABm-_=%2F%2b&n=3#x",
        "http://internal:5000/v2/library/alpine/tags/list?next_page=gAAAAABm-_=%2F%2b&n=3"
      })
  void queryOfALinkIsCarriedByteForByte(String target) throws Exception {
    link(target);

    assertThat(list(Page.ALL).next()).isEqualTo("next_page=gAAAAABm-_=%2F%2b&n=3");
  }

  @Test
  void whatAUrlMustNotHaveIsEncoded() throws Exception {
    link("?next_page=a b|{c}\"^`\\%zz%4");

    String next = list(Page.ALL).next();
    assertThat(next).isEqualTo("next_page=a%20b%7C%7Bc%7D%22%5E%60%5C%25zz%254");
    upstream.listTags(REPOSITORY, next, bench.cost);
    assertThat(bench.registry.requests().get(1).query()).isEqualTo(next);
  }

  @Test
  void tokenOfFourKibibytesIsCarriedAndNotOneByteMore() throws Exception {
    String query = "last=" + "x".repeat(4091);
    link("?" + query);
    assertThat(list(Page.ALL).next()).isEqualTo(query);

    link("?" + query + "y");
    assertFails(Failure.INVALID, () -> list(Page.ALL)).hasMessageContaining("longer than 4096");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://elsewhere/x?next_page=abc",
        "/v2/_catalog?last=x",
        "/v2/library/alpine/tags/list",
        "/v2/library/alpine/tags/list/2?x=y"
      })
  void linkToSomethingElseIsInvalid(String target) {
    link(target);

    assertFails(Failure.INVALID, () -> list(Page.ALL)).hasMessageContaining("elsewhere");
    assertThat(bench.registry.requests()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 405, 406, 414, 416, 422, 431})
  void refusalOfAParameterIsAnAnswer(int status) throws Exception {
    bench.registry.inject(
        Recorded.path(LIST),
        Fault.reply(Reply.error(status, "PAGINATION_NUMBER_INVALID", "n is too large")));

    TagPage.Refusal refusal = list(new Page(10_000, null)).refusal();
    assertThat(refusal.code()).isEqualTo("PAGINATION_NUMBER_INVALID");
    assertThat(refusal.message()).contains(String.valueOf(status), "n is too large");
  }

  @Test
  void whatIsNoTagIsLeftOut() throws Exception {
    answer("{\"tags\":[\"ok\",\"<script>\",7,null,\"-x\",\"also.ok\"]}");

    assertThat(list(Page.ALL).tags()).containsExactly("ok", "also.ok");
  }

  @Test
  void noTagsAreAnEmptyList() throws Exception {
    answer("{\"name\":\"x\",\"tags\":null}");

    assertThat(list(Page.ALL)).isEqualTo(new TagPage(List.of(), null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"tags\":\"x\"}",
        "{\"tags\":[",
        "{\"tags\":[\"a\"]",
        "{\"tags\":[],\"tags\":[\"a\"]}",
        "{\"tags\":[]}{}",
        "<html>"
      })
  void otherAnswersAreInvalid(String json) {
    answer(json);

    assertFails(Failure.INVALID, () -> list(Page.ALL));
  }

  @Test
  void tagsAreFoundBeforeAndBehindALargeMap() throws Exception {
    String map =
        "\"manifest\":{\"sha256:x\":{\"tag\":[\"no\"],\"x\":\"" + "y".repeat(9 << 20) + "\"}}";
    answer("{\"child\":[],\"tags\":[\"a\",\"b\"]," + map + "}");
    assertThat(list(Page.ALL).tags()).containsExactly("a", "b");

    bench.registry.clearFaults();
    answer("{" + map + ",\"tags\":[\"a\",\"b\"],\"name\":\"x\"}");
    assertThat(list(Page.ALL).tags()).containsExactly("a", "b");
    assertThat(bench.registry.acceptedConnections()).isEqualTo(1);
  }

  @Test
  void endlessAndDeepListsAreInvalid() {
    answer("{\"tags\":[" + " ".repeat(TagListBody.MAX_BYTES) + "]}");
    assertFails(Failure.INVALID, () -> list(Page.ALL)).hasMessageContaining("Document length");

    bench.registry.clearFaults();
    answer("{\"tags\":[" + "\"a\",".repeat(TagListBody.MAX_TAGS) + "\"b\"]}");
    assertFails(Failure.INVALID, () -> list(Page.ALL)).hasMessageContaining("500000 tags");

    bench.registry.clearFaults();
    answer("{\"x\":" + "[".repeat(100_000));
    assertFails(Failure.INVALID, () -> list(Page.ALL)).hasMessageContaining("nesting depth");
  }

  @Test
  void listThatBreaksOffIsUnreachable() {
    bench.registry.inject(Recorded.path(LIST), Fault.closeAfter(20));

    assertFails(Failure.UNREACHABLE, () -> list(Page.ALL)).hasMessageContaining("broke off");
  }

  @Test
  void unknownRepositoryIsNotFound() {
    bench.registry.inject(Recorded.path(LIST), Fault.status(404));

    assertFails(Failure.NOT_FOUND, () -> list(Page.ALL));
  }
}
