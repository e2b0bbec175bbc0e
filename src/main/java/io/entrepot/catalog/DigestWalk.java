package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A walk over all digests that something has, in the order of their text, a batch at a time. Not
 * thread-safe.
 */
public final class DigestWalk {
  /** How many digests are worth one transaction, and few enough for the heap. */
  public static final int BATCH = 500;

  /** Where a walk gets its digests from. */
  @FunctionalInterface
  public interface Contents {
    /**
     * Gives the digests that follow one.
     *
     * @param last the last of the batch before; null to begin
     * @return in order; empty at the end
     */
    List<Digest> after(@Nullable Digest last);
  }

  private final Contents source;
  private Iterator<Digest> batch = Collections.emptyIterator();
  private @Nullable Digest last;

  /** Begins a walk. */
  public DigestWalk(Contents source) {
    this.source = source;
  }

  /**
   * Walks two to their ends and tells which digests only one of them has.
   *
   * <p>A digest that only one has during the whole walk is always told. A digest that both have may
   * be told too: both may change meanwhile, and a database may sort by its own rules. The receivers
   * must check what they get.
   *
   * @param onlyLeft gets digests of the left one, at most {@value #BATCH} at once
   * @param onlyRight gets digests of the right one, in the same way
   */
  public static void compare(
      DigestWalk left,
      DigestWalk right,
      Consumer<List<Digest>> onlyLeft,
      Consumer<List<Digest>> onlyRight) {
    Told toldOfLeft = new Told(onlyLeft);
    Told toldOfRight = new Told(onlyRight);
    Digest ofLeft = left.next();
    Digest ofRight = right.next();
    while (ofLeft != null || ofRight != null) {
      int order = order(ofLeft, ofRight);
      if (ofLeft != null && order < 0) {
        toldOfLeft.add(ofLeft);
      } else if (ofRight != null && order > 0) {
        toldOfRight.add(ofRight);
      }
      ofLeft = order <= 0 ? left.next() : ofLeft;
      ofRight = order >= 0 ? right.next() : ofRight;
    }
    toldOfLeft.tell();
    toldOfRight.tell();
  }

  /** A side that has come to its end, null, sorts behind every digest. */
  private static int order(@Nullable Digest left, @Nullable Digest right) {
    if (left == null || right == null) {
      return left == null ? 1 : -1;
    }
    int order = left.algorithm().compareTo(right.algorithm());
    return order != 0 ? order : left.hex().compareTo(right.hex());
  }

  private @Nullable Digest next() {
    if (!batch.hasNext()) {
      batch = source.after(last).iterator();
    }
    if (!batch.hasNext()) {
      return null;
    }
    last = batch.next();
    return last;
  }

  /** Collects digests and tells them in batches. */
  private static final class Told {
    private final Consumer<List<Digest>> listener;
    private List<Digest> batch = new ArrayList<>();

    Told(Consumer<List<Digest>> listener) {
      this.listener = listener;
    }

    void add(Digest digest) {
      batch.add(digest);
      if (batch.size() == BATCH) {
        tell();
      }
    }

    void tell() {
      if (!batch.isEmpty()) {
        listener.accept(batch);
        batch = new ArrayList<>();
      }
    }
  }
}
