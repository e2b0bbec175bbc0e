package io.entrepot.config;

import io.entrepot.catalog.Pin;
import io.entrepot.oci.NamePattern;
import io.entrepot.routing.Names;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Changes patterns of repositories in the same way in which the names in requests are changed. On
 * Docker Hub, {@code ubuntu} becomes {@code library/ubuntu}. The name of the upstream in front is
 * removed. Without these changes such patterns would never match. Immutable.
 */
final class CanonicalPatterns {
  private static final Pattern WILD = Pattern.compile("[*?]");
  private static final String OFFICIAL = "library/";

  private final Names fallback;
  private final Map<String, Names> others;

  CanonicalPatterns(Names fallback, List<Names> others) {
    this.fallback = fallback;
    this.others =
        others.stream().collect(Collectors.toMap(Names::name, names -> names, (one, two) -> one));
  }

  /**
   * Changes a pattern for repository names at an upstream.
   *
   * @return one or two patterns that together match the intended repositories
   * @throws IllegalArgumentException with a hint, if no repository of the upstream can match
   */
  static Stream<NamePattern> of(NamePattern given, Names upstream) {
    String pattern = withoutFirst(given.pattern(), upstream.name());
    if (!upstream.dockerHub()) {
      return globs(pattern);
    }
    String first = first(pattern);
    if (first.length() < pattern.length()) {
      if (first.indexOf('.') >= 0 && !isWild(first)) {
        throw new IllegalArgumentException(
            "no repository of Docker Hub begins with the name of a host");
      }
      return globs(pattern);
    }
    if (pattern.startsWith("*")) {
      return globs(pattern);
    }
    return isWild(pattern) ? globs(pattern, OFFICIAL + pattern) : globs(OFFICIAL + pattern);
  }

  /**
   * Changes a pin, whose pattern is for repository names in this cache.
   *
   * @return one or two pins that together match the intended repositories
   * @throws IllegalArgumentException with a hint, if no repository can match
   */
  Stream<Pin> of(Pin given) {
    String pattern = given.repositories().pattern();
    Names named = others.get(first(pattern));
    if (named == null || first(pattern).equals(pattern)) {
      return of(given.repositories(), fallback).map(glob -> new Pin(glob, given.tags()));
    }
    return of(given.repositories(), named)
        .map(glob -> new Pin(new NamePattern(named.name() + "/" + glob), given.tags()));
  }

  private static Stream<NamePattern> globs(String... patterns) {
    return Stream.of(patterns).map(NamePattern::new);
  }

  private static boolean isWild(String pattern) {
    return WILD.matcher(pattern).find();
  }

  private static String first(String pattern) {
    int slash = pattern.indexOf('/');
    return slash < 0 ? pattern : pattern.substring(0, slash);
  }

  private static String withoutFirst(String pattern, String name) {
    return pattern.startsWith(name + "/") ? pattern.substring(name.length() + 1) : pattern;
  }
}
