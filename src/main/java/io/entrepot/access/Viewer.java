package io.entrepot.access;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who looks at the administrative API, and the rules. Lists show nobody a repository that he may
 * not pull.
 *
 * @param client who looks
 * @param rules the rules, or null if everybody may do everything
 */
public record Viewer(Client client, @Nullable AccessRules rules) {
  /** The attribute of a request that has its viewer. It is set wherever there are rules. */
  public static final String ATTRIBUTE = Viewer.class.getName();

  /** Reads the attribute. */
  public static Viewer of(@Nullable Object attribute) {
    return attribute instanceof Viewer viewer ? viewer : new Viewer(Client.anonymous(""), null);
  }

  /** Whether the viewer may pull a repository, by its name in this cache. */
  public boolean mayPull(String repository) {
    return rules == null || rules.giving(client, Right.PULL, repository).isPresent();
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
   * @param user the user name, {@code anonymous}, or null for the viewer
   * @param repository the name of the repository in this cache
   * @return empty if there are no rules
   */
  public Optional<Finding> explain(@Nullable String user, String repository) {
    if (rules == null) {
      return Optional.empty();
    }
    Client asked = client;
    if (user != null) {
      boolean anonymous = user.equals("anonymous");
      asked =
          new Client(client.address(), anonymous ? null : new Principal("htpasswd", user), null);
    }
    String who = asked.who();
    return Optional.of(
        rules
            .giving(asked, Right.PULL, repository)
            .map(rule -> new Finding(who, true, rule.text(), null))
            .orElseGet(
                () ->
                    new Finding(who, false, null, "no rule gives " + who + " pull " + repository)));
  }
}
