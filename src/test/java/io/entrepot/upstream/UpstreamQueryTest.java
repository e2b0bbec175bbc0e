package io.entrepot.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamQuery.FetchBlob;
import io.entrepot.upstream.UpstreamQuery.FetchManifest;
import io.entrepot.upstream.UpstreamQuery.FetchTag;
import io.entrepot.upstream.UpstreamQuery.HeadBlob;
import io.entrepot.upstream.UpstreamQuery.HeadManifest;
import io.entrepot.upstream.UpstreamQuery.ListReferrers;
import io.entrepot.upstream.UpstreamQuery.ListTags;
import io.entrepot.upstream.UpstreamQuery.Ping;
import io.entrepot.upstream.UpstreamQuery.ResolveTag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each query says of itself, and that each typed method asks its own. */
class UpstreamQueryTest {
  private static final RepositoryName APP = RepositoryName.of("team/app");
  private static final Digest DIGEST = Digest.ofBytes(Digest.Algorithm.SHA256, new byte[0]);
  private static final Tag TAG = Tag.parse("v1");

  /** Each query, its kind, and how a message names it. */
  static Stream<Arguments> queries() {
    return Stream.of(
        Arguments.of(new HeadBlob(APP, DIGEST), "blob", "blob " + DIGEST + " of team/app"),
        Arguments.of(
            new FetchBlob(APP, DIGEST, FetchRange.WHOLE),
            "blob",
            "blob " + DIGEST + " of team/app"),
        Arguments.of(new ResolveTag(APP, TAG), "manifest", "team/app:v1"),
        Arguments.of(new FetchTag(APP, TAG), "manifest", "team/app:v1"),
        Arguments.of(new HeadManifest(APP, DIGEST), "manifest", "team/app@" + DIGEST),
        Arguments.of(new FetchManifest(APP, DIGEST), "manifest", "team/app@" + DIGEST),
        Arguments.of(new ListTags(APP, ""), "tags", "the list of tags of team/app"),
        Arguments.of(
            new ListReferrers(APP, DIGEST, "a/b", null),
            "referrers",
            "the list of referrers of " + DIGEST),
        Arguments.of(new Ping(), "ping", "the registry API"));
  }

  @Test
  void everyQueryIsTested() {
    assertThat(queries().<Class<?>>map(each -> each.get()[0].getClass()))
        .containsExactlyInAnyOrder(UpstreamQuery.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("queries")
  void queryHasAKindAndNamesWhatIsAskedFor(UpstreamQuery<?> query, String kind, String words) {
    assertThat(query.kind()).isEqualTo(kind);
    assertThat(query).hasToString(words);
  }

  @ParameterizedTest
  @MethodSource("queries")
  void queryNeedsTheRightToPullItsRepository(UpstreamQuery<?> query) {
    if (query instanceof Ping) {
      assertThat(query.scope()).isEqualTo(Scope.NONE);
    } else {
      assertThat(query.repository()).isEqualTo(APP);
      assertThat(query.scope()).hasToString("repository:team/app:pull");
    }
  }

  @ParameterizedTest
  @MethodSource("queries")
  void offlineUpstreamNamesWhatIsNotHere(UpstreamQuery<?> query, String kind, String words) {
    Cost cost = new Cost();

    assertThatThrownBy(() -> new Offline().ask(query, cost))
        .isInstanceOfSatisfying(
            UpstreamException.class, e -> assertThat(e.failure()).isEqualTo(Failure.OFFLINE))
        .hasMessage(words + " is not here, and its upstream is set to offline");
    assertThat(cost.requests()).isZero();
  }

  @Test
  void eachTypedMethodAsksItsQuery() {
    Recorder recorder = new Recorder();
    Cost cost = new Cost();

    List<Asking> askings =
        List.of(
            () -> recorder.headBlob(APP, DIGEST, cost),
            () -> recorder.fetchBlob(APP, DIGEST, FetchRange.WHOLE, cost),
            () -> recorder.resolve(APP, TAG, cost),
            () -> recorder.fetchTag(APP, TAG, cost),
            () -> recorder.headManifest(APP, DIGEST, cost),
            () -> recorder.fetchManifest(APP, DIGEST, cost),
            () -> recorder.listTags(APP, "", cost),
            () -> recorder.listReferrers(APP, DIGEST, "a/b", null, cost),
            () -> recorder.connect(cost));
    askings.forEach(asking -> assertThatThrownBy(asking::run).hasMessage("recorded"));

    assertThat(recorder.queries)
        .isEqualTo(queries().map(each -> each.get()[0]).toList())
        .hasSize(Arrays.asList(UpstreamQuery.class.getPermittedSubclasses()).size());
  }

  private interface Asking {
    void run() throws UpstreamException;
  }

  /** Remembers what it is asked. */
  private static final class Recorder implements Upstream {
    final List<UpstreamQuery<?>> queries = new ArrayList<>();

    @Override
    public <T> T ask(UpstreamQuery<T> query, Cost cost) throws UpstreamException {
      queries.add(query);
      throw new UpstreamException(Failure.NOT_FOUND, "recorded");
    }

    @Override
    public boolean isReachable() {
      return true;
    }

    @Override
    public boolean isScarce() {
      return false;
    }

    @Override
    public void close() {}
  }
}
