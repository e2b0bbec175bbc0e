package io.entrepot.oci;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What JSON must have to be a manifest, and which media type it has. A login portal or a proxy may
 * answer any question with JSON of its own and a 200, so a body is a manifest only if it looks like
 * one: it has {@code schemaVersion} 2, and config and layers, or manifests, or a type that we know.
 */
final class ManifestShape {
  private static final String OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String DOCKER_LIST =
      "application/vnd.docker.distribution.manifest.list.v2+json";
  private static final String SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+";

  private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);
  private static final Set<String> IMAGES = Set.of(OCI_IMAGE, DOCKER_IMAGE);

  /** They have blobs and no {@code schemaVersion}. Neither is used for new content. */
  private static final Set<String> ARTIFACTS =
      Set.of(
          "application/vnd.oci.artifact.manifest.v1+json",
          "application/vnd.cncf.oras.artifact.manifest.v1+json");

  private static final Set<String> GENERIC =
      Set.of("application/json", "application/octet-stream", "binary/octet-stream");

  private static final String NAME = "[a-z0-9][a-z0-9!#$&^_.+-]{0,126}";
  private static final Pattern TYPE = Pattern.compile(NAME + "/" + NAME);

  private final Digest digest;
  private final ManifestFields fields;

  /**
   * Looks at the fields of a manifest.
   *
   * @param digest for messages
   */
  ManifestShape(Digest digest, ManifestFields fields) {
    this.digest = digest;
    this.fields = fields;
  }

  static boolean isIndex(String mediaType) {
    return INDEXES.contains(mediaType);
  }

  /**
   * Checks the body and tells its media type: what the body says, else what the header says, else
   * what the fields show. So a manifest never has a type that a browser would show as a page.
   *
   * @param contentType the header that came with the body, or null
   * @throws OciException with {@link OciError#MANIFEST_INVALID} if this is no manifest, or header
   *     and body contradict each other
   */
  String check(@Nullable String contentType) {
    String mediaType = mediaType(contentType);
    if (mediaType.startsWith(SCHEMA_1) || fields.isVersion(1)) {
      throw invalid("Docker schema 1 is not supported; ask for schema 2 or OCI");
    }
    checkFields(mediaType);
    boolean unversioned = ARTIFACTS.contains(mediaType) && !fields.has("schemaVersion");
    if (!fields.isVersion(2) && !unversioned) {
      throw invalid("its schemaVersion is not 2");
    }
    return mediaType;
  }

  private String mediaType(@Nullable String contentType) {
    String sent = specific(contentType);
    if (fields.hasOddMediaType()) {
      throw invalid("its mediaType is not a string");
    }
    String own = fields.mediaType();
    if (own.isEmpty()) {
      return sent != null && isOfManifests(sent) ? sent : byFields();
    }
    String type = specific(own);
    if (type == null || !isOfManifests(type)) {
      throw invalid("its mediaType " + Quoted.of(own) + " is not the type of a manifest");
    }
    if (sent != null && !sent.equals(type)) {
      throw invalid(
          "its mediaType is "
              + Quoted.of(own)
              + " but the upstream sent the content type "
              + Quoted.of(sent));
    }
    return type;
  }

  /** Whether a manifest may have this type. A browser runs nothing of it. */
  static boolean isOfManifests(String type) {
    return type.startsWith("application/") && (type.endsWith("+json") || type.startsWith(SCHEMA_1));
  }

  /** The type that the fields show, as other clients guess it. */
  private String byFields() {
    if (fields.has("manifests")) {
      return OCI_INDEX;
    }
    if (fields.has("config") && fields.has("layers")) {
      return fields.configType().startsWith("application/vnd.docker.") ? DOCKER_IMAGE : OCI_IMAGE;
    }
    if (fields.isVersion(1)) {
      return SCHEMA_1 + "json";
    }
    throw invalid("it has no media type, and neither config and layers nor manifests");
  }

  /**
   * Refuses content that one client would read as an image and another client as an index
   * (CVE-2021-41190), and content of an unknown type without the fields of either.
   */
  private void checkFields(String mediaType) {
    boolean image = fields.has("layers") || fields.has("config") || fields.has("fsLayers");
    boolean index = fields.has("manifests");
    if (index && image) {
      throw invalid("it is an image and an index at once");
    }
    if ((image && INDEXES.contains(mediaType)) || (index && IMAGES.contains(mediaType))) {
      throw invalid("its content does not fit its type " + mediaType);
    }
    boolean whole = index || (fields.has("config") && fields.has("layers"));
    boolean known =
        IMAGES.contains(mediaType) || INDEXES.contains(mediaType) || ARTIFACTS.contains(mediaType);
    if (!whole && !known) {
      throw invalid("it has neither config and layers nor manifests");
    }
    String odd = fields.oddList();
    if (odd != null) {
      throw invalid("its field " + odd + " is not a list");
    }
  }

  /**
   * A type without its parameters, in lower case (RFC 9110, 8.3.1).
   *
   * @return null for no type, and for a type that any content may have
   */
  private static @Nullable String specific(@Nullable String contentType) {
    if (contentType == null) {
      return null;
    }
    int semicolon = contentType.indexOf(';');
    String type =
        (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
            .strip()
            .toLowerCase(Locale.ROOT);
    boolean said =
        TYPE.matcher(type).matches() && !type.startsWith("text/") && !GENERIC.contains(type);
    return said ? type : null;
  }

  private OciException invalid(String why) {
    return Manifest.invalid(digest, why);
  }
}
