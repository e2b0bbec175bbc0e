package io.entrepot.pull;

import static io.entrepot.pull.TagBench.detail;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    bench.upstream.inject(r -> true, Fault.gateBeforeHead(new Gate()));
    for (String list : List.of(TAGS, referrers)) {
      assertThat(detail(bench.server().get(list))).isEqualTo("stale");
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
    bench.upstream.inject(Recorded.path(TAGS), Fault.status(503), 1);
    assertThat(detail(bench.server().get(TAGS))).isEqualTo("stale");
  }
}
