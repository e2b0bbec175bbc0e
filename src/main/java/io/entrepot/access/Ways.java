package io.entrepot.access;

import io.entrepot.oci.Quoted;
import java.util.List;
import java.util.regex.Pattern;

/** The ways to log in that are set up. Immutable. */
public record Ways(List<Way> all) {
  /** What a way can be called, whether it is set up or not. */
  private static final Pattern KINDS =
      Pattern.compile("htpasswd|container|ldap|tls|token|oidc\\.[^:]+");

  public Ways {
    all = List.copyOf(all);
  }

  /**
   * A user or a group, as a rule names it.
   *
   * @param way the way to log in, or empty for any
   * @param name the name of the user or of the group
   */
  public record Named(String way, String name) {}

  /**
   * Reads {@code NAME} or {@code WAY:NAME}. What comes before a colon is a way only if one can be
   * called so: names of OIDC have colons too.
   *
   * @throws IllegalArgumentException if there is no name, or no such way
   */
  public Named parse(String text) {
    int colon = text.indexOf(':');
    String first = colon < 0 ? "" : text.substring(0, colon);
    if (!KINDS.matcher(first).matches()) {
      return named("", text);
    }
    if (all.stream().noneMatch(way -> way.name().equals(first))) {
      throw new IllegalArgumentException(Quoted.of(first) + " is not set up as a way to log in");
    }
    return named(first, text.substring(colon + 1));
  }

  private static Named named(String way, String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("there is no name behind the colon");
    }
    return new Named(way, name);
  }

  /** The ways that a named user or group may belong to. */
  public List<Way> of(Named named) {
    return all.stream()
        .filter(way -> named.way().isEmpty() || named.way().equals(way.name()))
        .toList();
  }
}
