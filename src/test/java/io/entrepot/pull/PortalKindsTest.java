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
 * A login portal, a firewall or an error page that answers in place of the upstream. Nothing that
 * it says is believed.
 */
class PortalKindsTest {
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
  void tagIsServedStaleAndComesBack(Portal portal) {
    bench.upstream.front((request, registry) -> portal.reply);
    assertThat(bench.pulled("v1")).isEqualTo("one stale");
    assertThat(bench.server().head(TagBench.path("v1")).statusCode()).isEqualTo(200);
    bench.upstream.front((request, registry) -> registry.apply(request));
    assertThat(bench.pulled("v1")).isEqualTo("one revalidated");
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

  @ParameterizedTest
  @EnumSource
  void whatIsNotHereIsUnavailableAndNotAbsent(Portal portal) {
    Digest second = bench.push("v2", "two");
    Digest blob = bench.upstream.putBlob("team/app", BlobBench.random(1_000));
    bench.upstream.front((request, registry) -> portal.reply);
    for (String path :
        List.of(TagBench.path("v2"), TagBench.path(second), "/v2/team/app/blobs/" + blob)) {
      assertThat(bench.server().get(path).statusCode()).as(path).isEqualTo(502);
    }
    bench.upstream.front((request, registry) -> registry.apply(request));
    bench.clock.advance(java.time.Duration.ofMinutes(1));
    assertThat(bench.pulled("v2")).isEqualTo("two miss");
    assertThat(bench.server().get("/v2/team/app/blobs/" + blob).statusCode()).isEqualTo(200);
  }
}
