package io.entrepot.oci;

/** The name of a manifest within a repository: a tag, which may move, or a digest, which cannot. */
public sealed interface Reference permits Tag, Digest {

  /**
   * Reads untrusted text. Text with a colon must be a digest, all other text must be a tag.
   *
   * @throws OciException with {@link OciError#DIGEST_INVALID} or {@link OciError#TAG_INVALID}
   */
  static Reference parse(String text) {
    return text.indexOf(':') >= 0 ? Digest.parse(text) : Tag.parse(text);
  }
}
