package io.entrepot.spool;

/**
 * How much the storage folder may hold, and when room is made.
 *
 * @param bytes the most that files and fills may take together; 0 for no limit
 * @param lowWater down to which percentage of it room is made, 1 to 100
 */
public record StorageQuota(long bytes, int lowWater) {
  /** No limit. */
  public static final StorageQuota NONE = new StorageQuota(0, 90);

  /** Whether there is a limit. */
  public boolean isSet() {
    return bytes > 0;
  }

  /** How many of so many bytes must go; 0 if they are within the limit. */
  public long excess(long stored) {
    return isSet() && stored > bytes ? stored - low() : 0;
  }

  /** How many bytes are left when enough room was made. */
  long low() {
    return part(lowWater);
  }

  /** From how many bytes on room is made in advance, so that few fills have to wait for it. */
  long high() {
    return part((100 + lowWater) / 2);
  }

  private long part(int percent) {
    return bytes / 100 * percent + bytes % 100 * percent / 100;
  }
}
