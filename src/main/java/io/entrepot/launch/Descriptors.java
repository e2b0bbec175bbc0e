package io.entrepot.launch;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * What the file descriptors of the process allow. A client takes one for its connection and may
 * take another for the blob that it gets; so where few are to be had, clients wait for their turn
 * to connect rather than take the last one (F6).
 */
final class Descriptors {
  /** For connections to the upstream, fills, the database and the files of the JVM. */
  private static final long OWN = 300;

  private static final long MIN_CONNECTIONS = 32;
  private static final long MAX_CONNECTIONS = 10_000;

  private Descriptors() {}

  /** How many clients may be connected at once. */
  static int maxConnections() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? maxConnections(unix.getMaxFileDescriptorCount())
        : (int) MAX_CONNECTIONS;
  }

  static int maxConnections(long descriptors) {
    return (int) Math.max(MIN_CONNECTIONS, Math.min(MAX_CONNECTIONS, (descriptors - OWN) / 2));
  }
}
