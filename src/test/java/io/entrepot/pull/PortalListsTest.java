package io.entrepot.pull;

import static io.entrepot.pull.TagBench.detail;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Content;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lists, while a login portal, a firewall or an error page answers in place of the upstream. {@link
 * PortalTest} has the same for manifests and blobs.
 */
class PortalListsTest {
  private static final String HTML = "<html><body>Sign in to the network</body></html>";
  private static final String JSON =
      "{\"error\":\"login_required\",\"url\":\"https://portal.test\"}";

  /** What stands in the way. */
  enum Portal {
    PAGE_200(200, "text/html; charset=utf-8", HTML),
    PAGE_401(401, "text/html", HTML),
    PAGE_403(403, "text/html", HTML),
    PAGE_404(404, "text/html", HTML),
    PAGE_410(410, "text/html", HTML),
    PAGE_WITHOUT_TYPE(403, "", HTML),
    JSON_200(200, "application/json", JSON),
    JSON_403(403, "application/json", JSON),
    JSON_404(404, "application/json", JSON),
    JSON_AS_A_MANIFEST(200, TagBench.IMAGE, JSON),
    EMPTY_200(200, "text/html", ""),
    TEXT_404(404, "text/plain", "404 page not found on this proxy");

    @SuppressWarnings("ImmutableEnumChecker") // a record, whose body nobody changes
    private final Reply reply;

    Portal(int status, String type, String text) {
      Reply plain = Reply.of(status, Content.of(text.getBytes(UTF_8)));
      reply = type.isEmpty() ? plain : plain.header("Content-Type", type);
    }
  }

  @TempDir Path folder;
  private TagBench bench;
  private Digest digest;

  @BeforeEach
  void begin() {
    bench = new TagBench(folder, 0);
    digest = bench.push("v1", "one");
    bench.start(builder -> builder.set("proxy.revalidate", "0").set("proxy.negative", "1h"));
    assertThat(bench.pulled("v1")).isEqualTo("one miss");
    for (String list : lists()) {
      assertThat(bench.server().get(list).statusCode()).isEqualTo(200);
    }
  }

  @AfterEach
  void stop() {
    bench.close();
  }

  private List<String> lists() {
    return List.of("/v2/team/app/tags/list", "/v2/team/app/referrers/" + digest);
  }

  @ParameterizedTest
  @EnumSource
  void listsAreServedStale(Portal portal) {
    bench.clock.advance(java.time.Duration.ofSeconds(10));
    bench.upstream.front((request, registry) -> portal.reply);
    for (String list : lists()) {
      HttpResponse<byte[]> answer = bench.server().get(list);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(detail(answer)).isEqualTo("stale");
    }
  }
}
