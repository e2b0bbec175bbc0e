package io.entrepot.oci;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The fields of one descriptor, collected while its JSON is read. Used by one thread. */
final class DescriptorFields implements JsonValue.Fields {
  /** The fields of a platform that tell it from others, in the order in which people write them. */
  private static final List<String> OF_PLATFORM = List.of("os", "architecture", "variant");

  private static final Pattern PLATFORM_WORD = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private String mediaType = "";
  private String digest = "";
  private OptionalLong size = OptionalLong.empty();
  private final Map<String, String> platform = new HashMap<>();

  @Override
  public void field(String name, JsonValue value) throws IOException {
    switch (name) {
      case "mediaType" -> mediaType = value.text();
      case "digest" -> digest = value.isString() ? value.text() : "";
      case "size" -> size = value.number();
      case "platform" -> value.fields(this::ofPlatform);
      default -> {
        // Nothing else is needed. Its urls are never asked (S3).
      }
    }
  }

  private void ofPlatform(String name, JsonValue value) throws IOException {
    if (OF_PLATFORM.contains(name) && PLATFORM_WORD.matcher(value.text()).matches()) {
      platform.put(name, value.text());
    }
  }

  private @Nullable String platform() {
    return platform.containsKey("os") && platform.containsKey("architecture")
        ? OF_PLATFORM.stream().map(platform::get).filter(Objects::nonNull).collect(joining("/"))
        : null;
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
      return Optional.of(
          new Descriptor(mediaType, Digest.parse(digest), size.getAsLong(), platform()));
    } catch (OciException e) {
      if (Digest.isOfOtherAlgorithm(digest)) {
        return Optional.empty();
      }
      throw new UnusableJsonException(
          "it has a descriptor whose digest " + Quoted.of(digest) + " is none");
    }
  }
}
