package io.entrepot.access;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The rules that say who may do what. Rules only give: what none of them gives, nobody may do.
 * Immutable.
 */
public record AccessRules(List<AccessRule> rules) {
  public AccessRules {
    rules = List.copyOf(rules);
  }

  /**
   * The first rule that gives a client a right for a repository.
   *
   * @param repository the name of the repository in this cache
   */
  public Optional<AccessRule> giving(Client client, Right right, String repository) {
    return rules.stream()
        .filter(rule -> rule.gives(client, right) && rule.isFor(repository))
        .findFirst();
  }

  /**
   * Whether a client may pull, by a rule or by a token that gives it.
   *
   * @param repository the name of the repository in this cache
   */
  public boolean letsPull(Client client, String repository) {
    Set<TokenScope> given = client.given();
    return given == null
        ? giving(client, Right.PULL, repository).isPresent()
        : given.contains(TokenScope.pull(repository));
  }

  /** Whether a client may list the repositories that it may pull. */
  public boolean letsList(Client client) {
    Set<TokenScope> given = client.given();
    return given == null ? givesSome(client, Right.PULL) : given.contains(TokenScope.CATALOG);
  }

  /** Whether a client has a right for some repositories, whichever. */
  public boolean givesSome(Client client, Right right) {
    return rules.stream().anyMatch(rule -> rule.gives(client, right));
  }

  /** The groups that rules name. Nobody has to be asked whether a user is in another. */
  public Set<String> groups() {
    return rules.stream()
        .map(AccessRule::who)
        .filter(Who.Group.class::isInstance)
        .map(who -> ((Who.Group) who).name())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** These rules and others. */
  public AccessRules and(AccessRules others) {
    return new AccessRules(Stream.concat(rules.stream(), others.rules.stream()).toList());
  }
}
