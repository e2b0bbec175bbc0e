package io.entrepot.cache;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The tags that were found lately to lead elsewhere than before. Thread-safe. */
public final class MovedTags {
  /** With names of 500 characters they take less than 200 KiB. */
  private static final int REMEMBERED = 200;

  private final Deque<Move> latest = new ArrayDeque<>();
  private long count;

  /**
   * A tag that leads elsewhere.
   *
   * @param number counts all moves since the start, from 1
   */
  public record Move(long number, RepositoryName repository, Tag tag, Digest from, Digest to) {}

  /** Notes that a tag leads elsewhere. */
  public synchronized void note(RepositoryName repository, Tag tag, Digest from, Digest to) {
    latest.addLast(new Move(++count, repository, tag, from, to));
    if (latest.size() > REMEMBERED) {
      latest.removeFirst();
    }
  }

  /** How many moves there were since the start. */
  public synchronized long count() {
    return count;
  }

  /** The moves behind a number, the oldest first, as far as they are remembered. */
  public synchronized List<Move> after(long number) {
    return latest.stream().filter(move -> move.number() > number).toList();
  }
}
