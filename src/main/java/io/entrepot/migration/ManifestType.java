package io.entrepot.migration;

import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import io.entrepot.oci.Manifest;
import java.io.IOException;

/** Tells the media type of a manifest from its body: docker-registry does not store the header. */
final class ManifestType implements JsonValue.Fields {
  private static final ForeignJson JSON = ForeignJson.upTo(Manifest.MAX_BYTES);

  private String named = "";
  private boolean isIndex;

  private ManifestType() {}

  static String of(byte[] bytes) {
    ManifestType type = new ManifestType();
    try {
      JSON.read(bytes, root -> root.fields(type));
    } catch (IOException e) {
      return "application/octet-stream";
    }
    if (!type.named.isEmpty()) {
      return type.named;
    }
    // Docker's types must name themselves; OCI's need not (image-spec, "Image Manifest").
    return type.isIndex
        ? "application/vnd.oci.image.index.v1+json"
        : "application/vnd.oci.image.manifest.v1+json";
  }

  @Override
  public void field(String name, JsonValue value) throws IOException {
    if (name.equals("mediaType")) {
      named = value.text();
    } else if (name.equals("manifests")) {
      isIndex = true;
    }
  }
}
