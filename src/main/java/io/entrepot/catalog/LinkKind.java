package io.entrepot.catalog;

/**
 * As what a repository holds a digest: a client may read a manifest as a blob, never the reverse.
 */
public enum LinkKind {
  BLOB,
  MANIFEST
}
