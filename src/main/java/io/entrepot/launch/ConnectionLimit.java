package io.entrepot.launch;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How many clients may be connected at once: as many as the file descriptors and the heap of the
 * process allow. Where either is scarce, clients wait for their turn to connect rather than take
 * the last of it (F6, F15).
 */
final class ConnectionLimit {
  /** For connections to the upstream, fills, the database and the files of the JVM. */
  private static final long OWN_DESCRIPTORS = 300;

  /**
   * What a client of a fill takes of the heap: Tomcat's buffers, of which one holds the pump's
   * piece. Measured with a thousand clients in 128 MiB.
   */
  private static final long HEAP_EACH = 88 << 10;

  /** For everything else. */
  private static final long OWN_HEAP = 40L << 20;

  private static final long MIN = 32;
  private static final long MAX = 10_000;

  private ConnectionLimit() {}

  /** The limit for this process. */
  static int ofThisProcess() {
    long descriptors =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Long.MAX_VALUE;
    return of(descriptors, Runtime.getRuntime().maxMemory());
  }

  /**
   * A client takes a descriptor for its connection and may take another for the blob that it gets.
   *
   * @param heap in bytes
   */
  static int of(long descriptors, long heap) {
    long allowed = Math.min((descriptors - OWN_DESCRIPTORS) / 2, (heap - OWN_HEAP) / HEAP_EACH);
    return (int) Math.max(MIN, Math.min(MAX, allowed));
  }
}
