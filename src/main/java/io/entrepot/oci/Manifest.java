package io.entrepot.oci;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A manifest or index: its exact bytes and the parsed fields (image-spec, "Image Manifest" and
 * "Image Index"; Docker's schema 2 and manifest list have the same fields).
 *
 * @param digest the digest of the bytes
 * @param mediaType the media type that the upstream sent, without parameters
 * @param bytes the bytes as they were received; nobody may change them
 * @param children all content of the same repository that the manifest names: configuration,
 *     layers, blobs, and the manifests of an index
 * @param subject the manifest that this one refers to as its subject, or null
 * @param artifactType the type of the artifact, or null
 */
@SuppressWarnings("ArrayRecordComponent") // manifests are never compared by equals
public record Manifest(
    Digest digest,
    String mediaType,
    byte[] bytes,
    List<Descriptor> children,
    @Nullable Descriptor subject,
    @Nullable String artifactType) {

  /** The largest manifest that is accepted, in bytes (S12; docker/distribution's own limit). */
  public static final int MAX_BYTES = 4 << 20;

  private static final int MAX_DEPTH = 64;
  private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+";
  private static final List<String> LISTS = List.of("layers", "blobs", "manifests");
  private static final Set<String> INDEXES =
      Set.of(
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json");
  private static final Set<String> IMAGES =
      Set.of(
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json");
  private static final ObjectMapper JSON =
      new ObjectMapper(
              Json.factory(MAX_DEPTH).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * Reads and verifies what an upstream sent.
   *
   * @param expected the digest that the bytes must have
   * @param contentType the upstream's {@code Content-Type}
   * @throws OciException with {@link OciError#MANIFEST_INVALID} if the bytes have another digest,
   *     are not a manifest, contradict the content type, or are an image and an index at once (S7,
   *     S8)
   */
  public static Manifest verify(Digest expected, String contentType, byte[] bytes) {
    Digest actual = Digest.ofBytes(expected.algorithm(), bytes);
    if (!actual.equals(expected)) {
      throw invalid(expected, "its bytes hash to " + actual);
    }
    return read(expected, contentType, bytes);
  }

  /** Like {@link #verify}, for bytes whose digest was computed or verified before. */
  public static Manifest read(Digest digest, String contentType, byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw invalid(digest, "it is larger than " + MAX_BYTES + " bytes");
    }
    String mediaType = bare(contentType);
    if (mediaType.startsWith(SCHEMA_1)) {
      throw invalid(digest, "Docker schema 1 is not supported; ask for schema 2 or OCI");
    }
    JsonNode root = parse(digest, bytes);
    checkMediaType(digest, mediaType, root);
    checkShape(digest, mediaType, root);
    return new Manifest(
        digest,
        mediaType,
        bytes,
        children(digest, root),
        descriptor(digest, root.get("subject")).orElse(null),
        artifactType(root));
  }

  /** Whether this is an index: a list of manifests, such as one for each platform. */
  public boolean isIndex() {
    return INDEXES.contains(mediaType);
  }

  private static void checkMediaType(Digest digest, String mediaType, JsonNode root) {
    JsonNode inBody = root.path("mediaType");
    if (!inBody.isMissingNode() && !inBody.isNull() && !inBody.isTextual()) {
      throw invalid(digest, "its mediaType is not a string");
    }
    if (inBody.isTextual() && !inBody.asText().isEmpty() && !inBody.asText().equals(mediaType)) {
      throw invalid(
          digest,
          "its mediaType is "
              + Quoted.of(inBody.asText())
              + " but the upstream sent the content type "
              + Quoted.of(mediaType));
    }
  }

  /**
   * Refuses content that one client would read as an image and another client as an index
   * (CVE-2021-41190).
   */
  private static void checkShape(Digest digest, String mediaType, JsonNode root) {
    boolean image = root.has("layers") || root.has("config") || root.has("fsLayers");
    boolean index = root.has("manifests");
    if (index && image) {
      throw invalid(digest, "it is an image and an index at once");
    }
    if ((image && INDEXES.contains(mediaType)) || (index && IMAGES.contains(mediaType))) {
      throw invalid(digest, "its content does not fit its type " + mediaType);
    }
    for (String list : LISTS) {
      JsonNode node = root.path(list);
      if (!node.isArray() && !node.isMissingNode() && !node.isNull()) {
        throw invalid(digest, "its field " + list + " is not a list");
      }
    }
  }

  private static JsonNode parse(Digest digest, byte[] bytes) {
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw invalid(digest, "it is not JSON: " + Quoted.of(e.getOriginalMessage()));
    } catch (IOException e) {
      throw invalid(digest, "it cannot be read: " + Quoted.of(String.valueOf(e.getMessage())));
    }
    if (root == null || !root.isObject()) {
      throw invalid(digest, "it is not a JSON object");
    }
    return root;
  }

  private static List<Descriptor> children(Digest digest, JsonNode root) {
    List<Descriptor> children = new ArrayList<>();
    descriptor(digest, root.get("config")).ifPresent(children::add);
    for (String list : LISTS) {
      for (JsonNode node : root.path(list)) {
        descriptor(digest, node).ifPresent(children::add);
      }
    }
    return List.copyOf(children);
  }

  private static Optional<Descriptor> descriptor(Digest manifest, @Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    JsonNode size = node.path("size");
    boolean sized = size.isIntegralNumber() && size.canConvertToLong() && size.asLong() >= 0;
    if (!node.path("digest").isTextual() || !sized) {
      throw invalid(manifest, "it has a descriptor without digest or size");
    }
    String mediaType = node.path("mediaType").asText("");
    if (!mediaType.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      throw invalid(manifest, "it has a descriptor of type " + Quoted.of(mediaType));
    }
    try {
      Digest digest = Digest.parse(node.path("digest").asText());
      return Optional.of(new Descriptor(mediaType, digest, size.asLong()));
    } catch (OciException e) {
      throw invalid(manifest, "it has a descriptor whose " + e.getMessage());
    }
  }

  private static @Nullable String artifactType(JsonNode root) {
    String own = root.path("artifactType").asText("");
    String type = own.isEmpty() ? root.path("config").path("mediaType").asText("") : own;
    return type.isEmpty() ? null : type;
  }

  /** A content type without its parameters, in lower case (RFC 9110, 8.3.1). */
  private static String bare(String contentType) {
    int semicolon = contentType.indexOf(';');
    return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
        .strip()
        .toLowerCase(java.util.Locale.ROOT);
  }

  private static OciException invalid(Digest digest, String why) {
    return new OciException(
        OciError.MANIFEST_INVALID, "manifest " + digest + " is refused: " + why);
  }

  @Override
  public String toString() {
    return "Manifest[" + digest + ", " + mediaType + ", " + bytes.length + " bytes]";
  }
}
