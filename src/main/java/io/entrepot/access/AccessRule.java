package io.entrepot.access;

import java.util.List;
import java.util.Set;

/**
 * A rule that gives rights.
 *
 * @param text the rule as it was written
 * @param who whom it gives them
 * @param rights what it gives
 * @param repositories for which repositories
 */
public record AccessRule(
    String text, Who who, Set<Right> rights, List<RepositoryPattern> repositories) {
  public AccessRule {
    rights = Set.copyOf(rights);
    repositories = List.copyOf(repositories);
  }

  boolean gives(Client client, Right right) {
    return rights.contains(right) && who.means(client);
  }

  boolean isFor(String repository) {
    return repositories.stream().anyMatch(pattern -> pattern.matches(repository));
  }
}
