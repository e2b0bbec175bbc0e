package io.entrepot.pull;

import static io.entrepot.pull.TagBench.detail;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of an upstream that is slow, or that refuses and then fails. */
class ListPullTest {
  private static final String TAGS = "/v2/team/app/tags/list";

  @TempDir Path folder;
  private TagBench bench;
  private Digest digest;

  @BeforeEach
  void begin() {
    bench = new TagBench(folder, 0);
    digest = bench.push("v1", "one");
    bench.start(builder -> builder);
  }

  @AfterEach
  void stop() {
    bench.close();
  }

  @Test
  void slowUpstreamGivesStaleListsWithinTheDeadline() {
    bench.start(
        builder -> builder.set("proxy.deadline", "200ms").set("proxy.responsetimeout", "1h"));
    bench.pull("v1");
    String referrers = "/v2/team/app/referrers/" + digest;
    bench.server().get(referrers);
    pass();
    bench.upstream.inject(r -> true, Fault.gateBeforeHead(new Gate()));
    for (String list : List.of(TAGS, referrers)) {
      assertThat(bench.server().get(list).headers().firstValue("Cache-Status"))
          .hasValue("entrepot; fwd=stale; detail=stale");
    }
  }

  @Test
  void refusedListOfTagsDoesNotComeBackThroughAnOutage() {
    bench.pull("v1");
    bench.upstream.inject(Recorded.path(TAGS), Fault.status(401), 1);
    assertThat(bench.server().get(TAGS).statusCode()).isEqualTo(403);
    bench.upstream.inject(Recorded.path(TAGS), Fault.status(503), 1);
    assertThat(bench.server().get(TAGS).statusCode()).isEqualTo(502);
    assertThat(bench.server().get(TAGS).statusCode()).isEqualTo(200);
    pass();
    bench.upstream.inject(Recorded.path(TAGS), Fault.status(503), 1);
    assertThat(detail(bench.server().get(TAGS))).isEqualTo("stale");
  }

  /** Moves the clock so far that an equal question is asked again. */
  private void pass() {
    bench.clock.advance(Duration.ofSeconds(2));
  }

  private String referrers(String query) {
    return "/v2/team/app/referrers/" + digest + query;
  }

  private int status(String path) {
    return bench.server().get(path).statusCode();
  }

  @Test
  void refusedReferrersDoNotComeBackThroughAnOutage() {
    String filtered = referrers("?artifactType=x/y");
    for (String each : List.of(referrers(""), filtered)) {
      assertThat(status(each)).isEqualTo(200);
    }
    pass();
    bench.upstream.inject(Recorded.path(referrers("")), Fault.status(403), 1);
    assertThat(status(referrers(""))).isEqualTo(403);
    bench.upstream.inject(Recorded.path(referrers("")), Fault.status(503));
    assertThat(status(referrers(""))).isEqualTo(502);
    assertThat(status(filtered)).isEqualTo(502);
  }

  /** "None" would mean that nothing is signed. */
  @ParameterizedTest
  @CsvSource({"503, 502", "500, 502", "429, 429"})
  void referrersThatCannotBeHadAreNotNone(int upstream, int told) {
    bench.upstream.inject(Recorded.path(referrers("")), Fault.status(upstream));
    assertThat(status(referrers(""))).isEqualTo(told);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "{\"error\":\"login\"}", "not JSON", ""})
  void referrersThatNobodyCanReadAreStaleOrAFailure(String body) {
    Reply reply = Reply.json(200, body);
    bench.upstream.inject(Recorded.path(referrers("")), Fault.reply(reply), 1);
    assertThat(status(referrers(""))).isEqualTo(502);

    byte[] before = bench.server().get(referrers("")).body();
    pass();
    bench.upstream.inject(Recorded.path(referrers("")), Fault.reply(reply), 1);
    HttpResponse<byte[]> stale = bench.server().get(referrers(""));
    assertThat(stale.body()).isEqualTo(before);
    assertThat(stale.headers().firstValue("Cache-Status"))
        .hasValue("entrepot; fwd=stale; detail=stale");
  }

  @Test
  void moreReferrersThanAreReadAtOnceArePassedOnByALink() throws IOException {
    bench.upstream.front(
        (request, registry) -> {
          if (!request.path().equals(referrers(""))) {
            return registry.apply(request);
          }
          String query = String.valueOf(request.query());
          int page =
              query.contains("p=") ? Integer.parseInt(query.substring(query.indexOf("p=") + 2)) : 1;
          Reply reply =
              Reply.json(
                  200, "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"d" + page + "\"}]}");
          return page == 40
              ? reply
              : reply.header("Link", "<?artifactType=x&p=" + (page + 1) + ">; rel=\"next\"");
        });

    int seen = 0;
    String next = referrers("?artifactType=x");
    for (int pages = 0; next != null; pages++) {
      assertThat(pages).isLessThan(3);
      HttpResponse<byte[]> response = bench.server().get(next);
      assertThat(response.statusCode()).isEqualTo(200);
      seen += new ObjectMapper().readTree(response.body()).path("manifests").size();
      String link = response.headers().firstValue("Link").orElse(null);
      next = link == null ? null : link.substring(1, link.indexOf('>'));
    }
    assertThat(seen).isEqualTo(40);
    assertThat(bench.upstream.requests(Recorded.path(referrers("")))).hasSize(40);
  }

  @Test
  void sameReferrersWithinTwoSecondsAreOneRequest() {
    status(referrers(""));
    bench.clock.advance(Duration.ofMillis(1999));
    assertThat(detail(bench.server().get(referrers("")))).isEqualTo("hit");
    assertThat(bench.upstream.requests(Recorded.path(referrers("")))).hasSize(1);
  }

  @Test
  void referrersAreAskedForEachTimeWhereNoAbsenceIsRemembered() {
    bench.start(builder -> builder.set("proxy.negative", "0s"));
    status(referrers(""));
    assertThat(detail(bench.server().get(referrers("")))).isEqualTo("miss");
    assertThat(bench.upstream.requests(Recorded.path(referrers("")))).hasSize(2);
  }

  @Test
  void knownTagsStandInOnlyFromTheBeginOfTheList() {
    bench.pull("v1");
    bench.upstream.inject(Recorded.path(TAGS), Fault.status(503));
    assertThat(detail(bench.server().get(TAGS + "?n=5"))).isEqualTo("stale");
    assertThat(status(TAGS + "?entrepot-page=1,,,n%3D5")).isEqualTo(502);
  }
}
