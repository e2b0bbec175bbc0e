package io.entrepot.catalog;

/** Why a tag leads elsewhere here than the upstream says. */
public enum Deviation {
  /** What the upstream says is too young. */
  COOLED,
  /** The tag was never to move, and has. */
  MOVED
}
