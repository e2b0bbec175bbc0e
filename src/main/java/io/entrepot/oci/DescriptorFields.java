package io.entrepot.oci;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** The fields of one descriptor, collected while its JSON is read. Used by one thread. */
final class DescriptorFields implements JsonValue.Fields {
  private String mediaType = "";
  private String digest = "";
  private OptionalLong size = OptionalLong.empty();

  @Override
  public void field(String name, JsonValue value) throws IOException {
    switch (name) {
      case "mediaType" -> mediaType = value.text();
      case "digest" -> digest = value.isString() ? value.text() : "";
      case "size" -> size = value.number();
      default -> {
        // Nothing else is needed. Its urls are never asked (S3).
      }
    }
  }

  String mediaType() {
    return mediaType;
  }

  /**
   * The descriptor.
   *
   * @return empty where its digest cannot be verified here
   * @throws UnusableJsonException if it is none
   */
  Optional<Descriptor> descriptor() throws UnusableJsonException {
    if (digest.isEmpty() || size.isEmpty() || size.getAsLong() < 0) {
      throw new UnusableJsonException("it has a descriptor without digest or size");
    }
    if (!mediaType.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      throw new UnusableJsonException("it has a descriptor of type " + Quoted.of(mediaType));
    }
    try {
      return Optional.of(new Descriptor(mediaType, Digest.parse(digest), size.getAsLong()));
    } catch (OciException e) {
      if (Digest.isOfOtherAlgorithm(digest)) {
        return Optional.empty();
      }
      throw new UnusableJsonException(
          "it has a descriptor whose digest " + Quoted.of(digest) + " is none");
    }
  }
}
