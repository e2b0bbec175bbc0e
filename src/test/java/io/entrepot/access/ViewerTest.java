package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the rules say about a user, with groups and several ways to log in. */
class ViewerTest {
  private static final Ways WAYS =
      new Ways(List.of(new Way("htpasswd", false, false), new Way("ldap", true, false)));
  private static final AccessRules RULES =
      new AccessRules(
          List.of(
              rule("group:ldap:ops", new Who.Group("ldap", "ops"), "ops/**"),
              rule("user:htpasswd:ann", new Who.User("htpasswd", "ann"), "ann/**")));

  private static AccessRule rule(String text, Who who, String pattern) {
    return new AccessRule(text, who, Set.of(Right.PULL), List.of(new RepositoryPattern(pattern)));
  }

  private static Viewer.Finding finding(
      @Nullable String user, Set<String> groups, String repository) {
    return new Viewer(Client.anonymous("192.0.2.1"), RULES, WAYS)
        .explain(user, groups, repository)
        .orElseThrow();
  }

  @Test
  void userIsSoughtInEachWayToLogIn() {
    assertThat(finding("ann", Set.of(), "ann/app"))
        .isEqualTo(new Viewer.Finding("htpasswd:ann", true, "user:htpasswd:ann", null));
    assertThat(finding("ldap:ann", Set.of(), "ann/app"))
        .isEqualTo(
            new Viewer.Finding("ldap:ann", false, null, "no rule gives ldap:ann pull ann/app"));
    assertThat(finding("bob", Set.of(), "ann/app").missing())
        .isEqualTo("no rule gives bob pull ann/app");
    assertThat(finding("anonymous", Set.of("ops"), "ops/app").who()).isEqualTo("anonymous");
    assertThat(finding(null, Set.of(), "ops/app").who()).isEqualTo("anonymous");
  }

  @Test
  void groupsCountOnlyWhereTheWayHasSome() {
    assertThat(finding("bob", Set.of("dev", "ops"), "ops/app"))
        .isEqualTo(new Viewer.Finding("ldap:bob", true, "group:ldap:ops", null));
    assertThat(finding("bob", Set.of("dev"), "ops/app").mayPull()).isFalse();
    assertThat(finding("htpasswd:bob", Set.of("ops"), "ops/app").mayPull()).isFalse();
  }

  @Test
  void wayThatIsNotSetUpIsRefused() {
    assertThatThrownBy(() -> finding("tls:ann", Set.of(), "ann/app"))
        .hasMessage("\"tls\" is not set up as a way to log in");
  }
}
