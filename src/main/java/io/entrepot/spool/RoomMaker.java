package io.entrepot.spool;

import java.util.concurrent.CompletableFuture;

/** Makes room for fills, where the quota or the disk has none. Never waits. */
@FunctionalInterface
public interface RoomMaker {
  /** Makes none. */
  RoomMaker NONE = bytes -> CompletableFuture.completedFuture(null);

  /**
   * Asks for room.
   *
   * @param bytes how many a fill needs now; 0 to make room in advance, for which nobody waits
   * @return completes when there may be room, or when it is no use to wait longer
   */
  CompletableFuture<Void> ask(long bytes);
}
