package io.entrepot.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.access.AccessRule;
import io.entrepot.access.AccessRules;
import io.entrepot.access.Audit;
import io.entrepot.access.Client;
import io.entrepot.access.RepositoryPattern;
import io.entrepot.access.Right;
import io.entrepot.access.Viewer;
import io.entrepot.access.Ways;
import io.entrepot.access.Who;
import io.entrepot.cache.EventStream;
import io.entrepot.cache.MovedTags;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who is told what, and how many may listen. */
class EventsTest {
  private static final Client ANYBODY = Client.anonymous("192.0.2.1");
  private static final Viewer ALL = Viewer.unrestricted(ANYBODY);

  /** May pull below team/ alone, and change nothing. */
  private static final Viewer TEAM =
      new Viewer(
          ANYBODY,
          new AccessRules(
              List.of(
                  new AccessRule(
                      "anonymous",
                      new Who.Everybody(),
                      Set.of(Right.PULL, Right.VIEW),
                      List.of(new RepositoryPattern("docker.io/team/**"))))),
          new Ways(List.of()));

  private final Audit audit = new Audit(new TestClock());
  private final MovedTags moved = new MovedTags();
  private final Fills fills = new Fills();
  private final Events events =
      new Events(
          TestSources.keptBy(new ExpiryPolicy(Duration.ZERO, ExpiryPolicy.Basis.AFTER_USE)),
          fills,
          audit,
          moved);

  private static final class Fills implements Events.Progress {
    private long here;
    private long evicted;
    private int count = 1;

    @Override
    public List<Statistics.FillInfo> fills(Viewer viewer) {
      Statistics.FillInfo fill =
          new Statistics.FillInfo(
              "sha256:1",
              new Statistics.Place("team/app", "docker.io"),
              100L,
              here,
              new Statistics.Speed(5, 3L),
              1,
              "2026-01-02T03:04:05Z");
      return Collections.nCopies(count, fill);
    }

    @Override
    public Statistics.Evictions evictions() {
      return new Statistics.Evictions(evicted, 10 * evicted);
    }
  }

  private static String read(EventStream stream) {
    ByteBuffer target = ByteBuffer.allocate(EventStream.MAX_WAITING);
    int n = stream.read(target, 0);
    return n < 0 ? "end" : new String(target.array(), 0, n, UTF_8);
  }

  private EventStream open(Viewer viewer) {
    return events.open(viewer).orElseThrow();
  }

  private void move(String repository) {
    Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, repository.getBytes(UTF_8));
    moved.note(RepositoryName.of("docker.io/" + repository), new Tag("v1"), digest, digest);
  }

  @Test
  void stateIsToldAtFirstAndWhenItHasChanged() {
    EventStream stream = open(ALL);
    events.look();
    assertThat(read(stream))
        .contains("event: upstreams\ndata: [{\"name\":\"docker.io\"")
        .contains("event: evictions\ndata: {\"digests\":0,\"bytes\":0}\n\n")
        .contains("event: fills\ndata: [{\"digest\":\"sha256:1\",\"repository\":\"team/app\"");
    events.look();
    assertThat(read(stream)).isEmpty();
    fills.here = 7;
    events.look();
    assertThat(read(stream)).startsWith("event: fills\n").contains("\"bytesHere\":7");
    fills.evicted = 2;
    events.look();
    assertThat(read(stream)).isEqualTo("event: evictions\ndata: {\"digests\":2,\"bytes\":20}\n\n");
  }

  @Test
  void nobodyIsToldOfWhatHeMayNotPullOrManage() {
    move("team/before");
    EventStream team = open(TEAM);
    EventStream all = open(ALL);
    move("team/app");
    move("secret/app");
    audit.log(new Audit.Event("purge", "ann", "192.0.2.7", "secret/app", "3 digests, 9 bytes"));
    events.look();
    assertThat(read(team))
        .containsOnlyOnce("event: tag-moved")
        .contains("{\"repository\":\"team/app\",\"tag\":\"v1\",\"from\":\"sha256:")
        .doesNotContain("secret", "activity", "before");
    assertThat(read(all))
        .contains("\"repository\":\"secret/app\",\"tag\":\"v1\"")
        .contains("event: activity\ndata: {\"time\":")
        .contains("\"action\":\"purge\"")
        .doesNotContain("before");
    events.look();
    assertThat(read(all)).isEmpty();
  }

  @Test
  void onlySomeMayListenAndWhoHasLeftMakesRoom() {
    List<EventStream> streams =
        Stream.generate(() -> open(ALL)).limit(Events.MAX_LISTENERS).toList();
    assertThat(events.open(ALL)).isEmpty();
    streams.get(3).release();
    assertThat(events.open(ALL)).isPresent();
    assertThat(events.open(ALL)).isEmpty();
  }

  @Test
  void whoDoesNotReadIsForgottenAndOthersAreTold() {
    fills.count = 100;
    EventStream asleep = open(ALL);
    EventStream awake = open(ALL);
    for (int i = 0; i < 20; i++) {
      fills.here++;
      events.look();
      read(awake);
    }
    assertThat(asleep.isOver()).isTrue();
    assertThat(awake.isOver()).isFalse();
  }

  @Test
  void streamShowsThatItLivesAndEndsSoThatItsClientIsAskedAgain() {
    EventStream stream = open(ALL);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      events.look();
      text.append(read(stream));
    }
    assertThat(text.toString().split(":\n\n", -1)).hasSize(41);
    assertThat(stream.isOver()).isTrue();
    assertThat(read(stream)).isEqualTo("end");
  }

  @Test
  void allStreamsEndWhenTheCacheStops() {
    EventStream stream = open(ALL);
    events.close();
    assertThat(read(stream)).isEqualTo("end");
    assertThat(events.open(ALL)).isEmpty();
  }
}
