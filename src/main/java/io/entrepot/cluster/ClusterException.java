package io.entrepot.cluster;

/** A node cannot join its cluster. The message begins with the setting that is wrong. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ClusterException(String message) {
    super(message);
  }
}
