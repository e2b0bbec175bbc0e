package io.entrepot.expiry;

import io.entrepot.spool.Space;

/**
 * How full the cache is, and what was done about it since the start.
 *
 * @param quota how many bytes may be taken; 0 for no limit
 * @param stored how many bytes files take; 0 where no quota is set, since nobody counts them then
 * @param promised how many bytes more running fills may write
 * @param waiting how many of the stored bytes have lost their links, and go in a moment
 * @param imagesRemoved how many images were removed to make room
 * @param bytesRemoved how many bytes came back by that
 * @param refused how many blobs and manifests were not kept for want of room
 */
public record DiskUsage(
    long quota,
    long stored,
    long promised,
    long waiting,
    long imagesRemoved,
    long bytesRemoved,
    long refused) {

  /** The usage at this moment. */
  public static DiskUsage of(Space space, ImageRemover remover) {
    ImageRemover.Removed removed = remover.removed();
    boolean isCounted = space.quota().isSet();
    return new DiskUsage(
        space.quota().bytes(),
        isCounted ? space.stored() : 0,
        space.promised(),
        removed.waiting(),
        removed.images(),
        removed.bytes(),
        space.refused());
  }
}
