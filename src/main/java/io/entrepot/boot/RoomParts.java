package io.entrepot.boot;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.RepositoryRange;
import io.entrepot.database.DatabaseException;
import io.entrepot.expiry.DiskUsage;
import io.entrepot.expiry.ImageRemover;
import io.entrepot.expiry.RoomOnDemand;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Sources;
import io.entrepot.spool.Room;
import io.entrepot.spool.Rooms;
import io.entrepot.spool.Spool;
import io.entrepot.spool.StorageQuota;
import io.entrepot.spool.UpstreamSpace;
import io.entrepot.store.BlobStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What keeps the disk from being full: the quotas, and what makes room in each of them. */
final class RoomParts {
  private static final Logger log = LoggerFactory.getLogger(RoomParts.class);

  private final Spool spool;
  private final Kept kept;
  private final ImageRemover remover;
  private final Threads threads;
  private final List<RoomOnDemand> makers = new ArrayList<>();

  /**
   * What room is made in.
   *
   * @param store has the files
   * @param catalog says which of them belong together
   * @param bucket has them too, so that they may go from the folder alone
   * @param chores finds files that the catalog does not know yet
   */
  record Kept(BlobStore store, Catalog catalog, Optional<BucketParts> bucket, Chores chores) {}

  /**
   * @param spool asks for room
   * @param rooms the quotas, as {@link #quotas} has made them
   */
  RoomParts(Spool spool, Rooms rooms, Kept kept, ImageRemover remover, Threads threads) {
    this.spool = spool;
    this.kept = kept;
    this.remover = remover;
    this.threads = threads;
    spool.makeRoomBy(maker(spool.space(), null));
    rooms
        .all()
        .forEach((name, own) -> own.makeRoomBy(maker(own, RepositoryRange.ofUpstream(name))));
  }

  /**
   * The quota of the whole cache, and that of each upstream that has one.
   *
   * @param whole for all upstreams together
   */
  static Rooms quotas(StorageQuota whole, Sources sources, Catalog catalog) {
    Map<String, UpstreamSpace> own = new HashMap<>();
    for (ProxiedUpstream upstream : sources.upstreams()) {
      StorageQuota quota = new StorageQuota(upstream.rules().quota(), whole.lowWater());
      RepositoryRange range = RepositoryRange.ofUpstream(upstream.name());
      if (quota.isSet()) {
        String name = upstream.name();
        own.put(name, new UpstreamSpace(name, quota, () -> catalog.images().bytes(range)));
      }
    }
    return new Rooms(whole, own);
  }

  /** What makes room in the repositories of an upstream, or in all of them. */
  private RoomOnDemand maker(Room room, @Nullable RepositoryRange range) {
    RoomOnDemand maker =
        new RoomOnDemand(
            room,
            bytes -> {
              kept.store().forgetRemoved();
              if (range == null && kept.bucket().isPresent()) {
                return kept.bucket().get().makeRoom(bytes);
              }
              kept.chores().indexAll();
              return remover.makeRoom(bytes, range);
            },
            kept.bucket().isPresent() ? () -> 0 : kept.catalog().images()::bytes,
            new RoomOnDemand.Workers(threads.room(), threads.timer(), System::nanoTime));
    makers.add(maker);
    return maker;
  }

  /** Makes the room that is missing already: a quota may be smaller than it was. */
  void start() {
    for (RoomOnDemand maker : makers) {
      var unused = maker.ask(0);
    }
  }

  /**
   * Begins to make room in the bucket, if that has more than its quota. One node does it for all.
   */
  void boundBucket() {
    kept.bucket().ifPresent(bucket -> threads.room().execute(() -> makeRoomIn(bucket)));
  }

  private void makeRoomIn(BucketParts bucket) {
    try {
      long excess = bucket.excess();
      if (excess > 0) {
        kept.chores().indexAll();
      }
      while (excess > 0 && remover.makeRoom(excess) > 0) {
        excess = bucket.excess();
      }
      if (excess > 0) {
        log.warn("The bucket has {} bytes too many, and nothing that may go", excess);
      }
    } catch (IOException | DatabaseException e) {
      log.warn("No room could be made in the bucket; the next attempt is in a minute", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Makes no more room. Fills that wait for it go on. */
  void end() {
    remover.stop();
    makers.forEach(RoomOnDemand::close);
  }

  /** How full the disk is. */
  DiskUsage usage() {
    return DiskUsage.of(spool.space(), remover);
  }
}
