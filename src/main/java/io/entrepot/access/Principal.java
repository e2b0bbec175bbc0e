package io.entrepot.access;

import io.entrepot.memory.Weight;
import java.util.Set;

/**
 * Who has logged in. Two ways to log in never share a principal, even for one name.
 *
 * @param way the way to log in, such as {@code htpasswd}
 * @param name the user name
 * @param groups the groups of the user, as this way to log in knows them
 */
public record Principal(String way, String name, Set<String> groups) {
  /** Longer than the name of any pipeline of a CI system. */
  private static final int MAX_NAME = 1024;

  public Principal {
    groups = Set.copyOf(groups);
  }

  /** A user in no group. */
  public Principal(String way, String name) {
    this(way, name, Set.of());
  }

  /** Whether a text of somebody else can be the name of a user or a group. */
  static boolean isName(String text) {
    return !text.isBlank()
        && text.length() <= MAX_NAME
        && text.chars().noneMatch(Character::isISOControl);
  }

  /** The memory that its groups take. */
  int weightOfGroups() {
    return groups.stream().mapToInt(Weight::of).sum();
  }

  /** As in logs and tokens: {@code htpasswd:alice}. */
  @Override
  public String toString() {
    return way + ":" + name;
  }
}
