package io.entrepot.oci;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A manifest or index: its exact bytes and the parsed fields (image-spec, "Image Manifest" and
 * "Image Index"; Docker's schema 2 and manifest list have the same fields).
 *
 * @param digest the digest of the bytes
 * @param mediaType the media type, in lower case and without parameters
 * @param bytes the bytes as they were received; nobody may change them
 * @param children all content of the same repository that the manifest names: configuration,
 *     layers, blobs, and the manifests of an index. Content whose digest cannot be verified here,
 *     such as one by blake3, is left out: it is never stored.
 * @param subject the manifest that this one refers to as its subject, or null; also null if its
 *     digest cannot be verified here
 * @param artifactType the type of the artifact, or null
 * @param config which of the content is the configuration; null for an index, and where there is
 *     none
 */
@SuppressWarnings("ArrayRecordComponent") // manifests are never compared by equals
public record Manifest(
    Digest digest,
    String mediaType,
    byte[] bytes,
    List<Descriptor> children,
    @Nullable Descriptor subject,
    @Nullable String artifactType,
    @Nullable Descriptor config) {

  /** The largest manifest that is accepted, in bytes (S12; docker/distribution's own limit). */
  public static final int MAX_BYTES = 4 << 20;

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_BYTES);

  /**
   * Reads and verifies what an upstream sent.
   *
   * @param expected the digest that the bytes must have
   * @param contentType the upstream's {@code Content-Type}, or null. If it is missing or says
   *     nothing, such as {@code application/json}, the body tells the type.
   * @throws OciException with {@link OciError#MANIFEST_INVALID} if the bytes have another digest,
   *     are not a manifest, contradict the content type, or are an image and an index at once (S7,
   *     S8)
   */
  public static Manifest verify(Digest expected, @Nullable String contentType, byte[] bytes) {
    Digest actual = Digest.ofBytes(expected.algorithm(), bytes);
    if (!actual.equals(expected)) {
      throw invalid(expected, "its bytes hash to " + actual);
    }
    return read(expected, contentType, bytes);
  }

  /** Like {@link #verify}, for bytes whose digest was computed or verified before. */
  public static Manifest read(Digest digest, @Nullable String contentType, byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw invalid(digest, "it is larger than " + MAX_BYTES + " bytes");
    }
    ManifestFields fields = parse(digest, bytes);
    String mediaType = new ManifestShape(digest, fields).check(contentType);
    String trouble = fields.trouble();
    if (trouble != null) {
      throw invalid(digest, trouble);
    }
    return new Manifest(
        digest,
        mediaType,
        bytes,
        fields.children(),
        fields.subject(),
        fields.artifactType(),
        fields.config());
  }

  /** Whether a manifest may be sent with this media type. A browser runs nothing of it. */
  public static boolean isType(String mediaType) {
    return ManifestShape.isOfManifests(mediaType);
  }

  /** Whether this is an index: a list of manifests, such as one for each platform. */
  public boolean isIndex() {
    return ManifestShape.isIndex(mediaType);
  }

  private static ManifestFields parse(Digest digest, byte[] bytes) {
    if (!isPlainUtf8(bytes)) {
      throw invalid(digest, "it is not JSON in UTF-8 without a byte order mark");
    }
    ManifestFields fields = new ManifestFields();
    try {
      JSON.read(bytes, fields::read);
    } catch (IOException e) {
      throw invalid(digest, String.valueOf(e.getMessage()));
    }
    return fields;
  }

  /**
   * Whether these bytes can be UTF-8. The parser would read other encodings too, and skip a byte
   * order mark, but clients would not.
   */
  private static boolean isPlainUtf8(byte[] bytes) {
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      if (bytes[i] == 0) {
        return false;
      }
    }
    return bytes.length == 0 || (bytes[0] & 0xff) < 0x80;
  }

  static OciException invalid(Digest digest, String why) {
    return new OciException(
        OciError.MANIFEST_INVALID, "manifest " + digest + " is refused: " + why);
  }

  @Override
  public String toString() {
    return "Manifest[" + digest + ", " + mediaType + ", " + bytes.length + " bytes]";
  }
}
