package io.entrepot.oci;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image as people and Docker write it, such as {@code ubuntu}, {@code
 * ghcr.io/owner/image:1.2} or {@code quay.io/owner/image@sha256:…}.
 *
 * @param registry host and perhaps port, lower case; null if the text has none
 * @param repository the repository's name
 * @param tag the tag; null if the text has only a digest
 * @param digest the digest; null if the text has none. Text with neither tag nor digest means the
 *     tag {@code latest}. With both, the digest is used.
 */
public record ImageReference(
    @Nullable String registry,
    RepositoryName repository,
    @Nullable Tag tag,
    @Nullable Digest digest) {
  private static final int MAX_LENGTH = 1_024;
  private static final Tag LATEST = new Tag("latest");
  private static final Pattern REGISTRY =
      Pattern.compile(
          "(?:[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\\[[0-9a-f:.]{2,45}])(?::[0-9]{1,5})?");

  public ImageReference {
    if (tag == null && digest == null) {
      throw new IllegalArgumentException("no tag and no digest for " + repository);
    }
    if (registry != null && !REGISTRY.matcher(registry).matches()) {
      throw new IllegalArgumentException("not a registry");
    }
  }

  /**
   * Reads untrusted text. The part before the first slash is a registry if it has a dot or a colon,
   * or is {@code localhost}. Capital letters alone do not make it a registry: in lower case it
   * would look like the first part of a repository name.
   *
   * @throws OciException with {@link OciError#NAME_INVALID}, {@link OciError#TAG_INVALID} or {@link
   *     OciError#DIGEST_INVALID}
   */
  public static ImageReference parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new OciException(
          OciError.NAME_INVALID, Quoted.of(text) + " is longer than " + MAX_LENGTH + " characters");
    }
    int at = text.indexOf('@');
    Digest digest = at < 0 ? null : Digest.parse(text.substring(at + 1));
    String named = at < 0 ? text : text.substring(0, at);
    int colon = named.lastIndexOf(':');
    boolean tagged = colon > named.lastIndexOf('/');
    Tag tag = tagged ? Tag.parse(named.substring(colon + 1)) : digest == null ? LATEST : null;
    String path = tagged ? named.substring(0, colon) : named;
    int slash = path.indexOf('/');
    if (slash > 0 && isRegistry(path.substring(0, slash))) {
      String registry = registry(path.substring(0, slash));
      return new ImageReference(
          registry, RepositoryName.parse(path.substring(slash + 1)), tag, digest);
    }
    return new ImageReference(null, RepositoryName.parse(path), tag, digest);
  }

  private static boolean isRegistry(String first) {
    return first.equals("localhost") || first.chars().anyMatch(c -> c == '.' || c == ':');
  }

  private static String registry(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!REGISTRY.matcher(lower).matches()) {
      throw new OciException(
          OciError.NAME_INVALID,
          Quoted.of(text) + " is not a registry: a host name, perhaps with a port");
    }
    return lower;
  }

  /** What is asked for in the end. */
  public Reference reference() {
    return digest != null ? digest : Objects.requireNonNull(tag);
  }

  @Override
  public String toString() {
    return (registry == null ? "" : registry + "/")
        + repository
        + (tag == null ? "" : ":" + tag)
        + (digest == null ? "" : "@" + digest);
  }
}
