package io.entrepot.access;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * One thing that a token is for: to pull a repository, or to list the repositories. The name is the
 * one that the client has written.
 *
 * @param type {@code repository} or {@code registry}
 * @param name the repository as in the path of the request, or {@code catalog}
 * @param action {@code pull}, or {@code *} for the catalog
 */
public record TokenScope(String type, String name, String action) {
  /** The list of the repositories. */
  public static final TokenScope CATALOG = new TokenScope("registry", "catalog", "*");

  /** More than a client asks for at once. It bounds the size of a token. */
  private static final int MAX = 16;

  private static final int MAX_NAME = 255;

  /** To pull a repository. */
  public static TokenScope pull(String repository) {
    return new TokenScope("repository", repository, "pull");
  }

  /**
   * Reads the parameters {@code scope} of a token request. Whatever this cache does not offer is
   * left out, such as {@code push}.
   */
  public static Set<TokenScope> parse(List<String> parameters) {
    Set<TokenScope> scopes = new LinkedHashSet<>();
    for (String parameter : parameters) {
      for (String text : parameter.split(" ", -1)) {
        int first = text.indexOf(':');
        int last = text.lastIndexOf(':');
        if (first < 0 || first == last || last - first > MAX_NAME + 1 || scopes.size() == MAX) {
          continue;
        }
        String type = text.substring(0, first);
        String name = text.substring(first + 1, last);
        List<String> actions = List.of(text.substring(last + 1).split(",", -1));
        if (type.equals("repository") && (actions.contains("pull") || actions.contains("*"))) {
          scopes.add(pull(name));
        } else if (type.equals(CATALOG.type()) && name.equals(CATALOG.name())) {
          scopes.add(CATALOG);
        }
      }
    }
    return scopes;
  }

  /** As in a challenge: {@code repository:library/alpine:pull}. */
  @Override
  public String toString() {
    return type + ":" + name + ":" + action;
  }
}
