package io.entrepot.config;

import io.entrepot.access.AccessRule;
import io.entrepot.access.AccessRules;
import io.entrepot.access.NamesInTokens;
import io.entrepot.access.RepositoryPattern;
import io.entrepot.access.Right;
import io.entrepot.oci.Quoted;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Reads rules for access, {@code WHO RIGHTS PATTERNS}. It changes their patterns into patterns of
 * the names in this cache. Immutable.
 */
public final class AccessRuleSyntax implements NamesInTokens {
  private static final String OFFICIAL = "library/";

  /** Who, rights, and one pattern. */
  static final int MIN_WORDS = 3;

  /** The longest name in this cache. */
  private static final int MAX_PATTERN = 511;

  private final Names fallback;
  private final Map<String, Names> byFirst = new HashMap<>();
  private final WhoSyntax who;

  /**
   * Makes a reader.
   *
   * @param fallback the names of the default upstream
   * @param others the names of all other upstreams
   * @param who reads whom a rule gives something
   */
  AccessRuleSyntax(Names fallback, List<Names> others, WhoSyntax who) {
    this.fallback = fallback;
    this.who = who;
    fallback.inPaths().stream()
        .filter(Names::looksLikeHost)
        .forEach(first -> byFirst.put(first, fallback));
    for (Names names : others) {
      names.inPaths().forEach(first -> byFirst.put(first, names));
    }
    others.forEach(names -> byFirst.put(names.name(), names));
  }

  /**
   * Reads the lines of a file. Empty lines and lines that begin with {@code #} count as nothing.
   *
   * @param problems is told of each wrong line: its number and what is wrong
   */
  public AccessRules parseLines(List<String> lines, BiConsumer<Integer, String> problems) {
    List<AccessRule> rules = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        try {
          rules.add(parse(line));
        } catch (IllegalArgumentException e) {
          problems.accept(i + 1, String.valueOf(e.getMessage()));
        }
      }
    }
    return new AccessRules(rules);
  }

  /**
   * Reads a rule.
   *
   * @throws IllegalArgumentException if it is not one, or can match nothing; the message says why
   */
  AccessRule parse(String text) {
    List<String> words = List.of(text.strip().split("\\s+"));
    if (words.size() < MIN_WORDS) {
      throw new IllegalArgumentException(
          "a rule is WHO RIGHTS PATTERNS, such as authenticated pull **");
    }
    return new AccessRule(
        String.join(" ", words),
        who.parse(words.get(0)),
        rights(words.get(1)),
        words.subList(2, words.size()).stream().map(this::pattern).toList());
  }

  private static Set<Right> rights(String text) {
    Set<Right> rights = EnumSet.noneOf(Right.class);
    for (String word : text.split(",", -1)) {
      rights.add(
          Arrays.stream(Right.values())
              .filter(right -> right.label().equals(word))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          Quoted.of(word) + " is no right: write pull, view or manage")));
    }
    return rights;
  }

  private RepositoryPattern pattern(String text) {
    if (text.length() > MAX_PATTERN) {
      throw new IllegalArgumentException("a pattern is longer than " + MAX_PATTERN + " characters");
    }
    checkName(text);
    if (text.startsWith("**")) {
      return new RepositoryPattern(text);
    }
    int slash = text.indexOf('/');
    String first = slash < 0 ? text : text.substring(0, slash);
    Names named = slash < 0 ? null : byFirst.get(first);
    if (named != null) {
      return below(named, text.substring(slash + 1));
    }
    if (slash > 0 && Names.looksLikeHost(first) && first.indexOf('*') < 0 && fallback.dockerHub()) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " can match nothing: " + Quoted.of(first) + " is not an upstream");
    }
    return below(fallback, text);
  }

  /** Tokens name repositories as rules do, but without patterns: a star is no letter of a name. */
  @Override
  public Optional<String> canonical(String inToken) {
    try {
      return inToken.indexOf('*') < 0 ? Optional.of(pattern(inToken).pattern()) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public String inToken(String canonical) {
    String prefix = fallback.name() + "/";
    return Optional.of(canonical)
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .filter(shorter -> canonical(shorter).equals(Optional.of(canonical)))
        .orElse(canonical);
  }

  private static void checkName(String text) {
    try {
      var unused = RepositoryName.of(text.replace('*', 'a'));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " can match no repository; * and ** stand for characters", e);
    }
  }

  /** On Docker Hub, {@code ubuntu} means {@code library/ubuntu}. */
  private static RepositoryPattern below(Names upstream, String remote) {
    boolean isOfficial = upstream.dockerHub() && remote.indexOf('/') < 0 && !remote.contains("**");
    return new RepositoryPattern(upstream.name() + "/" + (isOfficial ? OFFICIAL : "") + remote);
  }
}
