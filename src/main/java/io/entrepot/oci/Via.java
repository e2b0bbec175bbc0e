package io.entrepot.oci;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The caches that a request came through, by the header {@code Via} (RFC 9110, 7.6.3). Only caches
 * of this program are in it; other names are not passed on.
 *
 * @param caches the names of the caches, the first one first
 */
public record Via(List<String> caches) {
  /** No cache. */
  public static final Via NONE = new Via(List.of());

  /** More caches in a row are not useful to anybody. */
  public static final int MAX_CACHES = 10;

  private static final Pattern CACHE = Pattern.compile("1\\.1 (entrepot-[0-9a-f]{16})(?![^ ,(])");

  /** Takes a copy of the list. */
  public Via {
    caches = List.copyOf(caches);
  }

  /** Makes a new name for a cache. It says nothing about the cache. */
  public static String newName(SecureRandom random) {
    return "entrepot-%016x".formatted(random.nextLong());
  }

  /** Reads the fields of a request. Ignores what is not from a cache of this program. */
  public static Via parse(Collection<String> fields) {
    List<String> caches = new ArrayList<>();
    for (String field : fields) {
      Matcher matcher = CACHE.matcher(field);
      while (matcher.find()) {
        caches.add(matcher.group(1));
      }
    }
    return new Via(caches);
  }

  /** Adds a cache at the end. */
  public Via with(String cache) {
    return new Via(Stream.concat(caches.stream(), Stream.of(cache)).toList());
  }

  /** The value of the header; empty if there is no cache. */
  public String header() {
    return caches.stream().map(cache -> "1.1 " + cache).collect(Collectors.joining(", "));
  }
}
