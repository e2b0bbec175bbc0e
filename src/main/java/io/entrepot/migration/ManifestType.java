package io.entrepot.migration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Json;
import java.io.IOException;

/** Tells the media type of a manifest from its body: docker-registry does not store the header. */
final class ManifestType {
  private static final ObjectMapper JSON = Json.mapper();

  private ManifestType() {}

  static String of(byte[] bytes) {
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (IOException e) {
      return "application/octet-stream";
    }
    String named = root.path("mediaType").asText("");
    if (!named.isEmpty()) {
      return named;
    }
    // Docker's types must name themselves; OCI's need not (image-spec, "Image Manifest").
    return root.has("manifests")
        ? "application/vnd.oci.image.index.v1+json"
        : "application/vnd.oci.image.manifest.v1+json";
  }
}
