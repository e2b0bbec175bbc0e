package io.entrepot.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One node repairs what a dead one has left, once. */
class DeadNodesTest {
  private final DeadNodes ofA = new DeadNodes("a");
  private final DeadNodes ofB = new DeadNodes("b");

  private static Membership.Node up(String name) {
    return new Membership.Node(name, "http://" + name, "1.0", Instant.EPOCH, Duration.ZERO);
  }

  private static Membership.Node down(String name) {
    return new Membership.Node(name, "http://" + name, "1.0", Instant.EPOCH, Membership.DOWN);
  }

  @Test
  void firstOfThoseThatAreUpRepairsAndOnlyOnce() {
    List<Membership.Node> before = List.of(up("a"), up("b"), up("c"));
    List<Membership.Node> after = List.of(up("a"), up("b"), down("c"));

    assertThat(ofA.look(before)).isFalse();
    assertThat(ofB.look(before)).isFalse();
    assertThat(ofA.look(after)).isTrue();
    assertThat(ofB.look(after)).isFalse();
    assertThat(ofA.look(after)).isFalse();
  }

  @Test
  void nextOneRepairsWhenTheFirstHasDied() {
    assertThat(ofB.look(List.of(up("a"), up("b")))).isFalse();

    assertThat(ofB.look(List.of(down("a"), up("b")))).isTrue();
  }

  @Test
  void nodeThatWasDeadBeforeTheFirstLookIsNoNews() {
    assertThat(ofA.look(List.of(up("a"), down("b")))).isFalse();
    assertThat(ofA.look(List.of(up("a"), down("b")))).isFalse();
  }

  @Test
  void nodeThatDiesTwiceIsRepairedTwice() {
    assertThat(ofA.look(List.of(up("a"), up("b")))).isFalse();
    assertThat(ofA.look(List.of(up("a"), down("b")))).isTrue();
    assertThat(ofA.look(List.of(up("a"), up("b")))).isFalse();
    assertThat(ofA.look(List.of(up("a"), down("b")))).isTrue();
  }

  @Test
  void nodeThatHasLeftIsNotDead() {
    assertThat(ofA.look(List.of(up("a"), up("b")))).isFalse();
    assertThat(ofA.look(List.of(up("a")))).isFalse();
  }
}
