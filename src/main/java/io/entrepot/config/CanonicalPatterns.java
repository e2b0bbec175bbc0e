package io.entrepot.config;

import io.entrepot.catalog.Pin;
import io.entrepot.oci.NamePattern;
import io.entrepot.routing.Names;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Changes patterns of repositories in the same way in which the names in requests are changed. On
 * Docker Hub, {@code ubuntu} becomes {@code library/ubuntu}. A name of the upstream in front is
 * removed, if it looks like a host. Without these changes such patterns would never match.
 * Immutable.
 *
 * @param fallback the names of the default upstream
 * @param others the names of the other upstreams
 */
record CanonicalPatterns(Names fallback, List<Names> others) {
  private static final String OFFICIAL = "library/";

  CanonicalPatterns {
    others = List.copyOf(others);
  }

  /** The other upstream that a first component means: by its name, or else by one of its hosts. */
  private Optional<Names> named(String first) {
    return others.stream()
        .filter(names -> names.name().equals(first))
        .findFirst()
        .or(() -> others.stream().filter(names -> names.inPaths().contains(first)).findFirst());
  }

  /**
   * Changes a pattern for repository names at an upstream.
   *
   * @return one or two patterns that together match the intended repositories
   * @throws IllegalArgumentException with a hint, if no repository of the upstream can match
   */
  static Stream<NamePattern> of(NamePattern given, Names upstream) {
    String pattern = withoutName(given.pattern(), upstream);
    if (!upstream.dockerHub()) {
      return globs(pattern);
    }
    String first = first(pattern);
    if (first.length() < pattern.length()) {
      if (first.indexOf('.') >= 0 && !NamePattern.isWild(first)) {
        throw new IllegalArgumentException(
            "no repository of Docker Hub begins with the name of a host");
      }
      return globs(pattern);
    }
    if (pattern.startsWith("*")) {
      return globs(pattern);
    }
    return NamePattern.isWild(pattern)
        ? globs(pattern, OFFICIAL + pattern)
        : globs(OFFICIAL + pattern);
  }

  /**
   * Changes a pin, whose pattern is for names as in paths. The result is for names in this cache,
   * which have the upstream's name in front.
   *
   * @return one or more pins that together match the intended repositories
   * @throws IllegalArgumentException with a hint, if no repository can match
   */
  Stream<Pin> of(Pin given) {
    String pattern = given.repositories().pattern();
    String first = first(pattern);
    if (pattern.startsWith("*")) {
      return Stream.of(given); // it also matches whatever name stands in front
    }
    Optional<Names> named = first.equals(pattern) ? Optional.empty() : named(first);
    if (named.isPresent()) {
      Names names = named.get();
      return pins(given, names, of(new NamePattern(afterFirst(pattern)), names));
    }
    Stream<Pin> ofDefault = pins(given, fallback, of(given.repositories(), fallback));
    return NamePattern.isWild(first)
        ? Stream.concat(
            ofDefault, others.stream().flatMap(other -> pins(given, other, rests(pattern, other))))
        : ofDefault;
  }

  private static Stream<Pin> pins(Pin given, Names upstream, Stream<NamePattern> repositories) {
    return repositories.map(
        pattern -> new Pin(new NamePattern(upstream.name() + "/" + pattern), given.tags()));
  }

  /** What a pattern leaves for the names of an upstream's repositories, behind its own name. */
  private static Stream<NamePattern> rests(String pattern, Names upstream) {
    Set<String> rests = new TreeSet<>(Set.of(pattern));
    for (char c : (upstream.name() + "/").toCharArray()) {
      Set<String> shorter = new TreeSet<>();
      rests.forEach(rest -> addRests(rest, c, shorter));
      rests = shorter;
    }
    return rests.stream().filter(rest -> !rest.isEmpty()).map(NamePattern::new);
  }

  /** Adds what a pattern leaves after it has matched one character. */
  private static void addRests(String pattern, char c, Set<String> rests) {
    if (pattern.isEmpty()) {
      return;
    }
    char begin = pattern.charAt(0);
    if (begin == '*') {
      rests.add(pattern);
      addRests(pattern.substring(1), c, rests);
    } else if (begin == '?' || begin == c) {
      rests.add(pattern.substring(1));
    }
  }

  private static Stream<NamePattern> globs(String... patterns) {
    return Stream.of(patterns).map(NamePattern::new);
  }

  private static String first(String pattern) {
    int slash = pattern.indexOf('/');
    return slash < 0 ? pattern : pattern.substring(0, slash);
  }

  private static String afterFirst(String pattern) {
    return pattern.substring(first(pattern).length() + 1);
  }

  private static String withoutName(String pattern, Names upstream) {
    String first = first(pattern);
    boolean isName = Names.looksLikeHost(first) && upstream.inPaths().contains(first);
    return isName && !first.equals(pattern) ? afterFirst(pattern) : pattern;
  }
}
