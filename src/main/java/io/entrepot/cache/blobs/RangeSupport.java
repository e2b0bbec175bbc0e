package io.entrepot.cache.blobs;

/**
 * Whether one fill may ask for parts of its blob: what is known of the server that sends it.
 * Thread-safe.
 */
final class RangeSupport {
  private final RangeMemory memory;
  private volatile String server;

  /** Expects the server that has sent the last blob. */
  RangeSupport(RangeMemory memory) {
    this.memory = memory;
    this.server = memory.latest();
  }

  /** A server has answered: the upstream, a mirror, or a host to which it was redirected. */
  void answered(String by) {
    server = by;
    memory.answered(by);
  }

  /** Whether the blob may be fetched in parts: there was no wrong answer lately. */
  boolean isPossible() {
    return memory.isPossible(server);
  }

  /** Whether the server has sent a part as asked, and no wrong one lately. */
  boolean isShown() {
    return memory.isShown(server);
  }

  /** The server has sent a part as asked. */
  void shown() {
    memory.shown(server);
  }

  /** The server has answered wrongly, or has asked for fewer requests. */
  void refused(String why) {
    memory.refused(server, why);
  }
}
