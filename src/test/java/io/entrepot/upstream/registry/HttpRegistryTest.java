package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.MediaType;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.Resolution;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamQuery;
import io.entrepot.upstream.UpstreamQuery.FetchBlob;
import io.entrepot.upstream.UpstreamQuery.FetchManifest;
import io.entrepot.upstream.UpstreamQuery.FetchTag;
import io.entrepot.upstream.UpstreamQuery.HeadBlob;
import io.entrepot.upstream.UpstreamQuery.HeadManifest;
import io.entrepot.upstream.UpstreamQuery.ListReferrers;
import io.entrepot.upstream.UpstreamQuery.ListTags;
import io.entrepot.upstream.UpstreamQuery.Ping;
import io.entrepot.upstream.UpstreamQuery.ResolveTag;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each query goes to its endpoint and is answered by its own type. */
@Timeout(60)
class HttpRegistryTest {
  private final Bench bench = new Bench();

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void everyQueryIsAnsweredByTheTypeThatItNamesWithOneRequest() throws Exception {
    Digest blob = bench.registry.putBlob("bytes".getBytes(UTF_8));
    Digest index =
        bench.registry.putManifest(
            Bench.NAME, "v1", MediaType.OCI_INDEX, Referrers.none(false).index());
    Map<UpstreamQuery<?>, Class<?>> queries = new LinkedHashMap<>();
    queries.put(new HeadBlob(REPOSITORY, blob), Descriptor.class);
    queries.put(new FetchBlob(REPOSITORY, blob, FetchRange.WHOLE), UpstreamBody.class);
    queries.put(new ResolveTag(REPOSITORY, Tag.parse("v1")), Resolution.class);
    queries.put(new FetchTag(REPOSITORY, Tag.parse("v1")), Resolution.class);
    queries.put(new HeadManifest(REPOSITORY, index), Descriptor.class);
    queries.put(new FetchManifest(REPOSITORY, index), Manifest.class);
    queries.put(new ListTags(REPOSITORY, ""), TagPage.class);
    queries.put(new ListReferrers(REPOSITORY, index, null, null), Referrers.class);
    queries.put(new Ping(), Boolean.class);
    assertThat(queries.keySet().stream().<Class<?>>map(Object::getClass))
        .containsExactlyInAnyOrder(UpstreamQuery.class.getPermittedSubclasses());

    HttpRegistry upstream = bench.upstream();
    for (Map.Entry<UpstreamQuery<?>, Class<?>> each : queries.entrySet()) {
      long before = bench.cost.requests();
      Object answer = upstream.ask(each.getKey(), bench.cost);

      assertThat(answer).isInstanceOf(each.getValue());
      assertThat(bench.cost.requests()).as(each.getKey().toString()).isEqualTo(before + 1);
      if (answer instanceof UpstreamBody body) {
        body.close();
      }
    }
    assertThat(bench.meters.find("entrepot.upstream.calls").timers())
        .extracting(timer -> timer.getId().getTag("kind"))
        .containsExactlyInAnyOrder("blob", "manifest", "tags", "referrers", "ping");
  }
}
