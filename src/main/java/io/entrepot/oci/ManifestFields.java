package io.entrepot.oci;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is needed of a manifest, collected while its JSON is read. {@link ManifestShape} judges it.
 * Used by one thread.
 */
final class ManifestFields {
  /**
   * The most descriptors that are kept, some 10 MB of them. A manifest of 4 MiB has no room for so
   * many, so that its size is the limit for real ones.
   */
  static final int MAX_DESCRIPTORS = 40_000;

  private static final Set<String> LISTS = Set.of("layers", "blobs", "manifests");

  private final Set<String> names = new HashSet<>();
  private final List<Descriptor> configuration = new ArrayList<>();
  private final List<Descriptor> subject = new ArrayList<>();
  private final List<Descriptor> listed = new ArrayList<>();
  private OptionalLong version = OptionalLong.empty();
  private String mediaType = "";
  private boolean hasOddMediaType;
  private String configType = "";
  private String ownArtifactType = "";
  private @Nullable String oddList;
  private @Nullable String trouble;

  /** Reads a manifest. */
  void read(JsonValue manifest) throws IOException {
    manifest.distinctFields(this::field);
  }

  private void field(String name, JsonValue value) throws IOException {
    names.add(name);
    switch (name) {
      case "schemaVersion" -> version = value.number();
      case "mediaType" -> {
        hasOddMediaType = !value.isString() && !value.isNull();
        mediaType = value.text();
      }
      case "artifactType" -> ownArtifactType = value.text();
      case "config" -> configType = descriptor(value, configuration);
      case "subject" -> descriptor(value, subject);
      default -> {
        if (LISTS.contains(name)) {
          list(name, value);
        }
      }
    }
  }

  private void list(String name, JsonValue value) throws IOException {
    if (!value.isList() && !value.isNull()) {
      oddList = name;
    }
    value.entries(entry -> descriptor(entry, listed));
  }

  /**
   * Reads a descriptor. The first that cannot be read is remembered: what the manifest is at all is
   * judged before.
   *
   * @return its media type, also where it is none otherwise
   */
  private String descriptor(JsonValue value, List<Descriptor> into) throws IOException {
    if (value.isNull() || trouble != null) {
      return "";
    }
    DescriptorFields fields = new DescriptorFields();
    value.distinctFields(fields);
    try {
      fields.descriptor().ifPresent(into::add);
    } catch (UnusableJsonException e) {
      trouble = e.getMessage();
    }
    if (listed.size() > MAX_DESCRIPTORS) {
      trouble = "it names more than " + MAX_DESCRIPTORS + " blobs or manifests";
    }
    return fields.mediaType();
  }

  boolean has(String name) {
    return names.contains(name);
  }

  /** Whether {@code schemaVersion} is this number. */
  boolean isVersion(int number) {
    return version.isPresent() && version.getAsLong() == number;
  }

  /** The media type that the body names, or empty. */
  String mediaType() {
    return mediaType;
  }

  boolean hasOddMediaType() {
    return hasOddMediaType;
  }

  String configType() {
    return configType;
  }

  /** The name of a field that should be a list and is none; null where there is no such field. */
  @Nullable String oddList() {
    return oddList;
  }

  /** Why the descriptors cannot be used; null where they can. */
  @Nullable String trouble() {
    return trouble;
  }

  List<Descriptor> children() {
    return Stream.concat(configuration.stream(), listed.stream()).toList();
  }

  @Nullable Descriptor config() {
    return configuration.isEmpty() ? null : configuration.get(0);
  }

  @Nullable Descriptor subject() {
    return subject.isEmpty() ? null : subject.get(0);
  }

  @Nullable String artifactType() {
    String type = ownArtifactType.isEmpty() ? configType : ownArtifactType;
    return type.isEmpty() ? null : type;
  }
}
