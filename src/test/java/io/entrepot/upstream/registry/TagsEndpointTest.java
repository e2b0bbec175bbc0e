package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.NAME;
import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
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
    return upstream.listTags(REPOSITORY, page, bench.cost);
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
    assertThat(first.next()).isEqualTo(new Page(3, "edge"));

    TagPage second = list(first.next());
    assertThat(second.tags()).containsExactly("latest");
    assertThat(second.next()).isNull();
    assertThat(bench.registry.requests().get(1).query()).isEqualTo("n=3&last=edge");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10_000, 999_999_999})
  void anyCountIsPassedOn(int n) throws Exception {
    list(new Page(n, "a b"));

    assertThat(bench.registry.requests().get(0).query()).isEqualTo("n=" + n + "&last=a+b");
  }

  @Test
  void linkWithAParameterOfItsOwnMeansAfterTheLastTag() throws Exception {
    bench.registry.inject(
        Recorded.path(LIST),
        Fault.header("Link", "<https://elsewhere/x?next_page=abc>; rel=\"next\""));

    assertThat(list(new Page(4, null)).next()).isEqualTo(new Page(4, "latest"));
  }

  @Test
  void linkThatIsNonsenseIsInvalid() {
    bench.registry.inject(Recorded.path(LIST), Fault.header("Link", "<?n=-1&last=x>; rel=next"));

    assertFails(Failure.INVALID, () -> list(Page.ALL)).hasMessageContaining("link to the next");
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
  @ValueSource(strings = {"", "[]", "{}", "{\"tags\":\"x\"}", "{\"tags\":[", "<html>"})
  void otherAnswersAreInvalid(String json) {
    answer(json);

    assertFails(Failure.INVALID, () -> list(Page.ALL));
  }

  @Test
  void endlessAndDeepListsAreInvalid() {
    answer("{\"tags\":[" + " ".repeat(JsonBody.MAX_BYTES) + "]}");
    assertFails(Failure.INVALID, () -> list(Page.ALL)).hasMessageContaining("body of more than");

    bench.registry.clearFaults();
    answer("{\"tags\":" + "[".repeat(100_000));
    assertFails(Failure.INVALID, () -> list(Page.ALL)).hasMessageContaining("nesting depth");
  }

  @Test
  void unknownRepositoryIsNotFound() {
    bench.registry.inject(Recorded.path(LIST), Fault.status(404));

    assertFails(Failure.NOT_FOUND, () -> list(Page.ALL));
  }
}
