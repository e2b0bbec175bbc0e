package io.entrepot.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The events of one client, which may not read them (S25). */
class EventStreamTest {
  private final EventStream stream = new EventStream();
  private final List<String> calls = new ArrayList<>();

  private String read(int max) {
    ByteBuffer target = ByteBuffer.allocate(max);
    int n = stream.read(target, 0);
    return n < 0 ? "end" : new String(target.array(), 0, n, UTF_8);
  }

  @Test
  void eventsComeInTheirOrderAndInAnyPieces() {
    stream.send("a", "{}");
    stream.beat();
    stream.send("b", "[1]");
    assertThat(read(10)).isEqualTo("event: a\nd");
    assertThat(read(100)).isEqualTo("ata: {}\n\n:\n\nevent: b\ndata: [1]\n\n");
    assertThat(read(100)).isEmpty();
  }

  @Test
  void whoWaitsIsWokenOnce() {
    stream.park(0, () -> calls.add("woken"));
    assertThat(calls).isEmpty();
    stream.beat();
    stream.beat();
    assertThat(calls).containsExactly("woken");
    stream.park(0, () -> calls.add("at once"));
    assertThat(calls).containsExactly("woken", "at once");
  }

  @Test
  void clientThatDoesNotReadIsDroppedAndGetsNoMore() {
    stream.onDrop(() -> calls.add("dropped"));
    String event = "x".repeat(1_000);
    int sent = 0;
    while (!stream.isOver()) {
      stream.send("a", event);
      sent++;
    }
    assertThat(calls).containsExactly("dropped");
    assertThat(sent)
        .isEqualTo(EventStream.MAX_WAITING / ("event: a\ndata: \n\n".length() + 1_000) + 1);
    stream.send("a", event);
    assertThat(calls).hasSize(1);
    stream.onDrop(() -> calls.add("late"));
    assertThat(calls).as("a drop that came before").containsExactly("dropped", "late");
  }

  @Test
  void endComesBehindWhatWaits() {
    stream.send("a", "{}");
    stream.end();
    stream.send("b", "{}");
    assertThat(stream.isOver()).isTrue();
    assertThat(read(100)).isEqualTo("event: a\ndata: {}\n\n");
    assertThat(read(100)).isEqualTo("end");
    stream.park(0, () -> calls.add("at once"));
    assertThat(calls).containsExactly("at once");
  }

  @Test
  void streamOfWhoHasLeftTakesNothing() {
    stream.release();
    assertThat(stream.isOver()).isTrue();
    stream.send("a", "{}");
    assertThat(read(100)).isEmpty();
  }
}
