package io.entrepot.upstream.wire;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Resolves the URLs that answers name, such as in {@code Location} and {@code Link}. */
public final class Location {
  /** What no URL has as it is (RFC 3986, 2), and a percent sign that begins no escape. */
  private static final Pattern UNESCAPED =
      Pattern.compile("[\\x00-\\x20\\x7f\"<>\\\\^`{|}]|%(?![0-9A-Fa-f]{2})");

  private Location() {}

  /**
   * Reads a reference. Some servers leave a blank, a bar or a quote in it as it is. That is escaped
   * here, as other clients do.
   *
   * @throws URISyntaxException if it is no reference even so
   */
  public static URI parse(String reference) throws URISyntaxException {
    return new URI(
        UNESCAPED
            .matcher(reference.strip())
            .replaceAll(match -> "%%%02X".formatted((int) match.group().charAt(0))));
  }

  /**
   * Resolves a reference by RFC 3986, 5.2. {@link URI#resolve} follows an older RFC: it loses the
   * last segment of the path where the reference is only a query, and one slash of two. Some
   * registries have two slashes in the URLs of their blobs, and sign them.
   *
   * @param base an absolute URL with a host
   */
  public static URI resolve(URI base, URI reference) {
    if (reference.getScheme() != null) {
      return reference;
    }
    String origin = base.getScheme() + ":";
    if (reference.getRawAuthority() != null) {
      return URI.create(origin + withoutFragment(reference));
    }
    String path = text(reference.getRawPath());
    String query = reference.getRawQuery();
    if (path.isEmpty() && query == null) {
      query = base.getRawQuery();
    }
    String resolved = path.isEmpty() ? text(base.getRawPath()) : withoutDots(merged(base, path));
    return URI.create(
        origin + "//" + base.getRawAuthority() + resolved + (query == null ? "" : "?" + query));
  }

  private static String withoutFragment(URI reference) {
    String query = reference.getRawQuery();
    return "//"
        + reference.getRawAuthority()
        + text(reference.getRawPath())
        + (query == null ? "" : "?" + query);
  }

  /** The path of the reference, which may go on from the folder of the base (5.2.3). */
  private static String merged(URI base, String path) {
    if (path.startsWith("/")) {
      return path;
    }
    String before = text(base.getRawPath());
    return before.isEmpty() ? "/" + path : before.substring(0, before.lastIndexOf('/') + 1) + path;
  }

  /** Removes the segments of one and of two dots (5.2.4). Empty segments stay. */
  private static String withoutDots(String path) {
    String[] segments = path.substring(1).split("/", -1);
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < segments.length; i++) {
      boolean up = segments[i].equals("..");
      boolean dots = up || segments[i].equals(".");
      if (up && !kept.isEmpty()) {
        kept.remove(kept.size() - 1);
      }
      if (!dots) {
        kept.add(segments[i]);
      } else if (i == segments.length - 1) {
        kept.add("");
      }
    }
    return "/" + String.join("/", kept);
  }

  private static String text(@Nullable String part) {
    return part == null ? "" : part;
  }
}
