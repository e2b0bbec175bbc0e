package io.entrepot.spool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which stretches of a blob are there. They are in order, none overlaps another, and neighbours are
 * one. Immutable.
 */
public final class Stretches {
  /** The most stretches of one blob. So a look at all of them costs little. */
  public static final int MAX = 64;

  /** Nothing is there. */
  public static final Stretches NONE = new Stretches(new long[0]);

  /** The beginning and the end of the first one, then of the second one, and so on. */
  private final long[] bounds;

  private Stretches(long[] bounds) {
    this.bounds = bounds;
  }

  /** Everything up to an offset. */
  public static Stretches upTo(long end) {
    return NONE.with(0, end);
  }

  /**
   * These and one more.
   *
   * @param begin offset of its first byte
   * @param end offset after its last byte
   * @throws IllegalArgumentException if some of it is there already: no byte is written twice
   * @throws IllegalStateException if there would be more than {@link #MAX}
   */
  public Stretches with(long begin, long end) {
    if (begin >= end) {
      return this;
    }
    int at = 0; // of the first stretch that ends at the new one or after it
    while (at < bounds.length && bounds[at + 1] < begin) {
      at += 2;
    }
    boolean joinsBefore = at < bounds.length && bounds[at + 1] == begin;
    int next = joinsBefore ? at + 2 : at;
    if (next < bounds.length && bounds[next] < end) {
      throw new IllegalArgumentException(
          "some of %d to %d is there already: %s".formatted(begin, end, this));
    }
    boolean joinsAfter = next < bounds.length && bounds[next] == end;
    int rest = joinsAfter ? next + 2 : next;
    long[] joined = new long[at + 2 + bounds.length - rest];
    if (joined.length > 2 * MAX) {
      throw new IllegalStateException("more than " + MAX + " stretches");
    }
    System.arraycopy(bounds, 0, joined, 0, at);
    joined[at] = joinsBefore ? bounds[at] : begin;
    joined[at + 1] = joinsAfter ? bounds[next + 1] : end;
    System.arraycopy(bounds, rest, joined, at + 2, bounds.length - rest);
    return new Stretches(joined);
  }

  /**
   * One of them.
   *
   * @param begin offset of its first byte
   * @param end offset after its last byte
   */
  record Bounds(long begin, long end) {}

  /** Those from an offset on, without what is before it. */
  List<Bounds> from(long offset) {
    List<Bounds> after = new ArrayList<>();
    for (int i = 0; i < bounds.length; i += 2) {
      if (bounds[i + 1] > offset) {
        after.add(new Bounds(Math.max(offset, bounds[i]), bounds[i + 1]));
      }
    }
    return after;
  }

  /** How many there are. */
  public int count() {
    return bounds.length / 2;
  }

  /** How many bytes are there. */
  public long bytes() {
    long sum = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      sum += bounds[i + 1] - bounds[i];
    }
    return sum;
  }

  /** The offset after the last byte that is there. */
  long end() {
    return bounds.length == 0 ? 0 : bounds[bounds.length - 1];
  }

  /** The first offset that is not there: how far everything is. */
  public long prefix() {
    return endFrom(0);
  }

  /** The first offset from a given one on that is not there. */
  public long endFrom(long offset) {
    for (int i = 0; i < bounds.length && bounds[i] <= offset; i += 2) {
      if (offset < bounds[i + 1]) {
        return bounds[i + 1];
      }
    }
    return offset;
  }

  /** Where the next stretch begins after an offset; {@link Long#MAX_VALUE} if there is none. */
  public long nextAfter(long offset) {
    for (int i = 0; i < bounds.length; i += 2) {
      if (bounds[i] > offset) {
        return bounds[i];
      }
    }
    return Long.MAX_VALUE;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Stretches that && Arrays.equals(bounds, that.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  @Override
  public String toString() {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < bounds.length; i += 2) {
      all.append(i == 0 ? "" : " ").append(bounds[i]).append('-').append(bounds[i + 1] - 1);
    }
    return all.toString();
  }
}
