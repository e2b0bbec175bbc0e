package io.entrepot.oci;

/** What names a manifest within a repository: a tag, which may move, or a digest, which cannot. */
public sealed interface Reference permits Tag, Digest {

  /**
   * Reads untrusted text: with a colon it must be a digest, otherwise a tag.
   *
   * @throws OciException with {@link OciError#DIGEST_INVALID} or {@link OciError#TAG_INVALID}
   */
  static Reference parse(String text) {
    return text.indexOf(':') >= 0 ? Digest.parse(text) : Tag.parse(text);
  }
}
