package io.entrepot.catalog;

/**
 * What a digest is in a repository. A client may read a manifest as a blob, never a blob as a
 * manifest.
 */
public enum LinkKind {
  BLOB,
  MANIFEST
}
