package io.entrepot.routing;

import io.entrepot.routing.Places.Party;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The turns that wait, in a queue for each client and upstream. The queues are served one after
 * another, so a long one does not delay the others. Used under the monitor of {@link FairThreads}.
 */
final class WaitingTurns {
  /** How many turns that nobody wants are remembered; each needs less than a kilobyte. */
  private static final int MAX_IDLE = 256;

  /** One queue may have this part of all. */
  private static final int PART_OF_QUEUE = 10;

  private final int max;
  private final Map<Party, Deque<Turn>> queues = new LinkedHashMap<>();
  private final Deque<Turn> idle = new ArrayDeque<>();
  private int count;

  /**
   * Makes empty queues.
   *
   * @param max how many turns may wait, 0 or more
   */
  WaitingTurns(int max) {
    this.max = max;
  }

  boolean isFullFor(Party party) {
    Deque<Turn> own = queues.get(party);
    int most = Math.max(1, max / PART_OF_QUEUE);
    return count >= max || (own != null && own.size() >= most);
  }

  boolean isEmpty() {
    return count == 0;
  }

  void addFirst(Turn turn) {
    queue(turn.party).addFirst(turn);
    count++;
  }

  void addLast(Turn turn) {
    queue(turn.party).addLast(turn);
    count++;
  }

  private Deque<Turn> queue(Party party) {
    return queues.computeIfAbsent(party, own -> new ArrayDeque<>());
  }

  /** Removes a turn. Returns whether it was there. */
  boolean remove(Turn turn) {
    Deque<Turn> own = queues.get(turn.party);
    if (own == null || !own.remove(turn)) {
      return false;
    }
    count--;
    if (own.isEmpty()) {
      queues.remove(turn.party);
    }
    return true;
  }

  /** Removes the first turn that can start. Its queue is then served after the others. */
  Optional<Turn> next(Predicate<Turn> canStart) {
    Optional<Turn> next =
        queues.values().stream().map(Deque::getFirst).filter(canStart).findFirst();
    next.ifPresent(
        turn -> {
          remove(turn);
          Deque<Turn> others = queues.remove(turn.party);
          if (others != null) {
            queues.put(turn.party, others);
          }
        });
    return next;
  }

  /** Remembers a turn that nobody wants. The oldest one is forgotten if there are too many. */
  void addIdle(Turn turn) {
    if (idle.size() == MAX_IDLE) {
      idle.removeFirst();
    }
    idle.addLast(turn);
  }

  /** Removes the oldest turn that nobody wants. */
  @Nullable Turn nextIdle() {
    return idle.pollFirst();
  }

  /** Removes all turns, and returns those that somebody wants. */
  List<Turn> clear() {
    List<Turn> all = queues.values().stream().flatMap(Deque::stream).toList();
    queues.clear();
    idle.clear();
    count = 0;
    return all;
  }
}
