package io.entrepot.oci;

/** The name of a manifest within a repository: a tag, which may move, or a digest, which cannot. */
public sealed interface Reference permits Tag, Digest {

  /**
   * Reads untrusted text. Text with a colon must be a digest. Other text that is not a tag is the
   * name of no manifest, in no repository.
   *
   * @throws OciException with {@link OciError#MANIFEST_UNKNOWN}, or with an error of {@link
   *     Digest#parse}
   */
  static Reference parse(String text) {
    if (text.indexOf(':') >= 0) {
      return Digest.parse(text);
    }
    if (!Tag.isValid(text)) {
      throw new OciException(
          OciError.MANIFEST_UNKNOWN,
          "no manifest has the reference " + Quoted.of(text) + ": it is neither tag nor digest");
    }
    return new Tag(text);
  }
}
