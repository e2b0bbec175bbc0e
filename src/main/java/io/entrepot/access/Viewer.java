package io.entrepot.access;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who looks at the administrative API, and the rules. Lists show nobody a repository that he may
 * not pull.
 *
 * @param client who looks
 * @param rules the rules, or null if everybody may do everything
 * @param ways the ways to log in
 * @param shown whether a repository may be shown, as far as its upstream decides that for each
 *     client
 */
public record Viewer(
    Client client, @Nullable AccessRules rules, Ways ways, Predicate<String> shown) {
  /** A viewer to whom rules alone show something. */
  public Viewer(Client client, @Nullable AccessRules rules, Ways ways) {
    this(client, rules, ways, repository -> true);
  }

  /** The attribute of a request that has its viewer. It is set wherever there are rules. */
  public static final String ATTRIBUTE = Viewer.class.getName();

  /** Reads the attribute. */
  public static Viewer of(@Nullable Object attribute) {
    return attribute instanceof Viewer viewer ? viewer : unrestricted(Client.anonymous(""));
  }

  /** Makes a viewer where there are no rules. */
  public static Viewer unrestricted(Client client) {
    return new Viewer(client, null, new Ways(List.of()));
  }

  /** Whether the viewer may pull a repository, by its name in this cache. */
  public boolean mayPull(String repository) {
    return rules == null || (rules.letsPull(client, repository) && shown.test(repository));
  }

  /** Whether the viewer may change something. */
  public boolean mayManage() {
    return rules == null || rules.givesSome(client, Right.MANAGE);
  }

  /**
   * What the rules say about a pull.
   *
   * @param who the client
   * @param mayPull whether it may pull
   * @param rule the rule that gives it, or null
   * @param missing what is missing, or null
   */
  public record Finding(
      String who, boolean mayPull, @Nullable String rule, @Nullable String missing) {}

  /**
   * What the rules say about a pull of a user.
   *
   * @param user {@code NAME} or {@code WAY:NAME} as in a rule, {@code anonymous}, or null for the
   *     viewer
   * @param groups the groups that the user shall be in
   * @param repository the name of the repository in this cache
   * @return empty if there are no rules
   * @throws IllegalArgumentException if no user can be called so
   */
  public Optional<Finding> explain(@Nullable String user, Set<String> groups, String repository) {
    if (rules == null) {
      return Optional.empty();
    }
    AccessRules now = rules;
    List<Client> asked = user == null ? List.of(client) : clients(user, groups);
    return asked.stream()
        .flatMap(
            one ->
                now.giving(one, Right.PULL, repository).stream()
                    .map(rule -> new Finding(one.who(), true, rule.text(), null)))
        .findFirst()
        .or(() -> Optional.of(missing(asked.size() == 1 ? asked.get(0).who() : user, repository)));
  }

  /** The user may log in by each way, unless the text names one. */
  private List<Client> clients(String user, Set<String> groups) {
    if (user.equals("anonymous") || ways.all().isEmpty()) {
      return List.of(Client.anonymous(client.address()));
    }
    Ways.Named named = ways.parse(user);
    return ways.of(named).stream()
        .map(way -> new Principal(way.name(), named.name(), way.hasGroups() ? groups : Set.of()))
        .map(principal -> new Client(client.address(), principal, null))
        .toList();
  }

  private static Finding missing(@Nullable String who, String repository) {
    return new Finding(
        String.valueOf(who), false, null, "no rule gives " + who + " pull " + repository);
  }
}
