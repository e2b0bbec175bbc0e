package io.entrepot.launch;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * The number of clients that may be connected at once. It follows from the file descriptors and the
 * heap of the process. Further clients wait in the queue of the operating system, so that they
 * cannot use up the descriptors or the heap (F6, F15).
 */
final class ConnectionLimit {
  /** Descriptors for connections to the upstream, fills, the database and the files of the JVM. */
  private static final long OWN_DESCRIPTORS = 300;

  /**
   * The heap that one client of a fill needs, in bytes. It is used by Tomcat's buffers; one of them
   * holds the chunk of the pump. Measured with a thousand clients in 128 MiB.
   */
  private static final long HEAP_PER_CLIENT = 88 << 10;

  /** The heap for everything else, in bytes. */
  private static final long OWN_HEAP = 40L << 20;

  private static final long MIN = 32;
  private static final long MAX = 10_000;

  private ConnectionLimit() {}

  /** Computes the limit for this process. */
  static int ofThisProcess() {
    long descriptors =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Long.MAX_VALUE;
    return of(descriptors, Runtime.getRuntime().maxMemory());
  }

  /**
   * Computes the limit. Each client needs a descriptor for its connection, and perhaps a second one
   * for the blob that it receives.
   *
   * @param descriptors the number of file descriptors that the process may open
   * @param heap the largest size of the heap, in bytes
   */
  static int of(long descriptors, long heap) {
    long allowed =
        Math.min((descriptors - OWN_DESCRIPTORS) / 2, (heap - OWN_HEAP) / HEAP_PER_CLIENT);
    return (int) Math.max(MIN, Math.min(MAX, allowed));
  }
}
