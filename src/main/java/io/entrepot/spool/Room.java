package io.entrepot.spool;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The room for fills: a quota, and how much of it is taken. Thread-safe. */
public interface Room {
  /** What may be used. */
  StorageQuota quota();

  /**
   * How many bytes must go before a fill has room.
   *
   * @param wanted how many bytes the fill needs
   * @return 0 or less where there is room
   */
  long missing(long wanted) throws IOException;

  /** Whether room should be made in advance, because so many bytes more leave little of it. */
  boolean isNearlyFullWith(long wanted);

  /**
   * How many bytes are to go, where room is made at all.
   *
   * @param wanted how many bytes fills wait for
   * @param held how many bytes all stored blobs take; asked only where the disk is full
   * @return more than fills need, so that room need not be made soon again; 0 or less if nothing is
   *     to go
   */
  long excess(long wanted, LongSupplier held) throws IOException;

  /** Asks for room if there is none or little. See {@link Spool#room}. */
  default CompletableFuture<Void> ask(long wanted, RoomMaker maker) {
    try {
      if (missing(wanted) > 0) {
        return maker.ask(wanted);
      }
    } catch (IOException e) {
      Logger log = LoggerFactory.getLogger(Room.class);
      log.debug("The free space of the disk is not known; the fill finds out", e);
    }
    if (isNearlyFullWith(wanted)) {
      var unused = maker.ask(0);
    }
    return CompletableFuture.completedFuture(null);
  }
}
