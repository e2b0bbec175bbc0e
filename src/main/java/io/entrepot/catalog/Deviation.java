package io.entrepot.catalog;

/** Why a tag leads elsewhere here than the upstream says. */
public enum Deviation {
  /** The digest that the upstream names is too young. */
  COOLED,
  /** The tag may not move, and the upstream has moved it. */
  MOVED
}
