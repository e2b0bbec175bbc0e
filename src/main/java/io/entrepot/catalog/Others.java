package io.entrepot.catalog;

import io.entrepot.database.Changes;
import io.entrepot.database.Knowledge;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;

/**
 * The other nodes that use the tables of the catalog. The words between them are here too: the kind
 * of a change, and what was changed.
 *
 * @param changes tells them what this node changes
 * @param knowledge whether what is in memory counts
 */
public record Others(Changes changes, Knowledge knowledge) {
  /** There are none. */
  public static final Others NONE = new Others(Changes.NONE, Knowledge.ALONE);

  /** The pins that people have added. */
  public static final String PINS = "pins";

  /** A small text; its name is what was changed. */
  public static final String TEXT = "text";

  /** A blob that is gone; its digest is what was changed. */
  public static final String BLOB = "blob";

  static final String LINK = "link";
  static final String TAG = "tag";

  /** No name has a space. */
  private static final String BETWEEN = " ";

  static String told(LinkKey key) {
    return key.repository() + BETWEEN + key.digest() + BETWEEN + key.kind();
  }

  static String told(Tags.TagKey key) {
    return told(key.repository(), key.tag());
  }

  static String told(RepositoryName repository, Tag tag) {
    return repository + BETWEEN + tag;
  }

  static LinkKey link(String told) {
    String[] parts = told.split(BETWEEN, -1);
    return new LinkKey(
        RepositoryName.of(parts[0]), Digest.of(parts[1]), LinkKind.valueOf(parts[2]));
  }

  static Tags.TagKey tag(String told) {
    String[] parts = told.split(BETWEEN, -1);
    return new Tags.TagKey(RepositoryName.of(parts[0]), new Tag(parts[1]));
  }
}
