package io.entrepot.access;

import java.util.Set;

/**
 * Who has logged in. Two ways to log in never share a principal, even for one name.
 *
 * @param way the way to log in, such as {@code htpasswd}
 * @param name the user name
 * @param groups the groups of the user, as this way to log in knows them
 */
public record Principal(String way, String name, Set<String> groups) {
  public Principal {
    groups = Set.copyOf(groups);
  }

  /** A user in no group. */
  public Principal(String way, String name) {
    this(way, name, Set.of());
  }

  /** As in logs and tokens: {@code htpasswd:alice}. */
  @Override
  public String toString() {
    return way + ":" + name;
  }
}
