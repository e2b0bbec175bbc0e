package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.access.AccessRules;
import io.entrepot.access.Client;
import io.entrepot.access.Principal;
import io.entrepot.access.Right;
import io.entrepot.access.Way;
import io.entrepot.access.Ways;
import io.entrepot.oci.Cidr;
import io.entrepot.routing.Names;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules for access: whom they mean, for what, and which are refused. */
class AccessRuleSyntaxTest {
  private static final Names HUB = new Names("docker.io", Set.of("docker.io"), Set.of(), true);
  private static final Names GHCR = new Names("ghcr.io", Set.of("ghcr.io"), Set.of(), false);
  private static final AccessRuleSyntax SYNTAX =
      syntax(new Way("htpasswd", false, false), new Way("ldap", true, false));
  private static final Client NOBODY = Client.anonymous("192.0.2.1");
  private static final Client ANN = new Client("192.0.2.1", new Principal("htpasswd", "ann"), null);

  private static AccessRuleSyntax syntax(Way... ways) {
    WhoSyntax who = new WhoSyntax(new Ways(List.of(ways)), List.of(Cidr.parse("10.0.0.1")));
    return new AccessRuleSyntax(HUB, List.of(GHCR), who);
  }

  private static boolean gives(String rule, Client client, Right right, String repository) {
    return new AccessRules(List.of(SYNTAX.parse(rule)))
        .giving(client, right, repository)
        .isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "**,                docker.io/library/ubuntu, true",
    "**,                ghcr.io/acme/app,         true",
    "ubuntu,            docker.io/library/ubuntu, true",
    "ubuntu,            docker.io/acme/ubuntu,    false",
    "*,                 docker.io/library/ubuntu, true",
    "*,                 docker.io/acme/app,       false",
    "library/*,         docker.io/library/ubuntu, true",
    "library/*,         ghcr.io/library/ubuntu,   false",
    "acme/*,            docker.io/acme/a/b,       false",
    "acme/**,           docker.io/acme/a/b,       true",
    "docker.io/acme/*,  docker.io/acme/a,         true",
    "ghcr.io/acme/**,   ghcr.io/acme/a/b,         true",
    "ghcr.io/acme/**,   ghcr.io/acme,             false",
    "ghcr.io/acme/**,   ghcr.io/acmee/a,          false",
    "ghcr.io/*/app,     ghcr.io/acme/app,         true",
    "ghcr.io/*/app,     ghcr.io/acme/x/app,       false",
    "**/app,            ghcr.io/acme/x/app,       true",
    "ghcr.io/**,        docker.io/ghcr.io/x,      false",
  })
  void patternsAreOfCanonicalNames(String pattern, String repository, boolean matches) {
    assertThat(gives("anonymous pull " + pattern, NOBODY, Right.PULL, repository))
        .isEqualTo(matches);
  }

  @Test
  void manyStarsTakeNoTime() {
    String pattern = "docker.io/" + "*a".repeat(100) + "b";
    assertThat(
            gives(
                "anonymous pull " + pattern, NOBODY, Right.PULL, "docker.io/x/" + "a".repeat(450)))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "anonymous,          192.0.2.1, ,     true",
    "anonymous,          192.0.2.1, ann,  true",
    "authenticated,      192.0.2.1, ,     false",
    "authenticated,      192.0.2.1, ann,  true",
    "user:ann,           192.0.2.1, ann,  true",
    "user:ann,           192.0.2.1, anna, false",
    "user:ann,           192.0.2.1, ,     false",
    "user:htpasswd:ann,  192.0.2.1, ann,  true",
    "user:anonymous,     192.0.2.1, ,     false",
    "address:10.0.0.0/8, 10.2.3.4,  ,     true",
    "address:10.0.0.0/8, 10.0.0.1,  ,     false",
    "address:10.0.0.0/8, 192.0.2.1, ann,  false",
    "address:fd00::/8,   fd00::7,   ,     true",
  })
  void whoIsMeant(String who, String address, String user, boolean meant) {
    Principal principal = user == null ? null : new Principal("htpasswd", user);
    Client client = new Client(address, principal, null);
    assertThat(gives(who + " pull **", client, Right.PULL, "docker.io/library/x")).isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({
    // who,                              way,         user,            groups,       meant
    "group:ops,                          ldap,        ann,             dev;ops,      true",
    "group:ops,                          ldap,        ann,             dev,          false",
    "group:ops,                          ldap,        ops,             ,             false",
    "group:ldap:ops,                     ldap,        ann,             ops,          true",
    "group:ldap:ops,                     oidc.github, ann,             ops,          false",
    "group:Domain%20Users,               ldap,        ann,             Domain Users, true",
    "group:a+b%2Cc,                      ldap,        ann,             'a+b,c',      true",
    "group:system:nodes,                 oidc.github, ann,             system:nodes, true",
    "user:ann,                           oidc.github, ann,             ,             true",
    "user:ldap:ann,                      oidc.github, ann,             ,             false",
    "user:oidc.github:repo:acme/app:ref, oidc.github, repo:acme/app:ref, ,           true",
    "user:repo:acme/app:ref,             oidc.github, repo:acme/app:ref, ,           true",
    "user:oidc.github:ldap:ann,          oidc.github, ldap:ann,        ,             true",
  })
  void groupsAndWaysAreMeant(String who, String way, String user, String groups, boolean meant) {
    AccessRuleSyntax syntax =
        syntax(new Way("ldap", true, false), new Way("oidc.github", true, true));
    Set<String> in = groups == null ? Set.of() : Set.of(groups.split(";", -1));
    Client client = new Client("192.0.2.1", new Principal(way, user, in), null);
    AccessRules rules = new AccessRules(List.of(syntax.parse(who + " pull **")));
    assertThat(rules.giving(client, Right.PULL, "docker.io/library/x").isPresent())
        .isEqualTo(meant);
  }

  @Test
  void rightsAreGivenOneByOne() {
    String rule = "authenticated pull,view **";
    assertThat(gives(rule, ANN, Right.PULL, "docker.io/library/x")).isTrue();
    assertThat(gives(rule, ANN, Right.VIEW, "docker.io/library/x")).isTrue();
    assertThat(gives(rule, ANN, Right.MANAGE, "docker.io/library/x")).isFalse();
  }

  @Test
  void commaInTheRightsEndsNoRule() {
    assertThat(
            AccessTable.ACCESS
                .syntax()
                .parser()
                .apply(
                    "authenticated pull,view **, anonymous pull library/* acme/*\nuser:a manage **"))
        .containsExactly(
            "authenticated pull,view **", "anonymous pull library/* acme/*", "user:a manage **");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "anonymous pull              | a rule is WHO RIGHTS PATTERNS, such as authenticated pull **",
        "everybody pull **           | \"everybody\" is nobody: write anonymous, authenticated, user:NAME, group:NAME or address:NETWORK",
        "user: pull **               | \"user:\" is nobody: write anonymous, authenticated, user:NAME, group:NAME or address:NETWORK",
        "group: pull **              | \"group:\" is nobody: write anonymous, authenticated, user:NAME, group:NAME or address:NETWORK",
        "group:htpasswd:ops pull **  | htpasswd has no groups, so it can match nobody",
        "user:ldap: pull **          | there is no name behind the colon",
        "user:tls:ann pull **        | \"tls\" is not set up as a way to log in",
        "user:oidc.ci:ann pull **    | \"oidc.ci\" is not set up as a way to log in",
        "user:ldpa:ann pull **       | \"ldpa:ann\" can match nobody: a name with a password has no colon",
        "user:a%2 pull **            | \"a%2\" has a percent sign without two digits; write %25",
        "address:10.0.0.1/8 pull **  | the address has bits after the prefix",
        "anonymous push **           | \"push\" is no right: write pull, view or manage",
        "anonymous pull quay.io/*    | \"quay.io/*\" can match nothing: \"quay.io\" is not an upstream",
        "anonymous pull Upper/*      | \"Upper/*\" can match no repository; * and ** stand for characters",
        "anonymous pull a?b          | \"a?b\" can match no repository; * and ** stand for characters",
      })
  void wrongRulesAreRefused(String rule, String why) {
    assertThatThrownBy(() -> SYNTAX.parse(rule))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(why);
  }

  @Test
  void groupsAreRefusedWhereNoWayKnowsThem() {
    AccessRuleSyntax htpasswd = syntax(new Way("htpasswd", false, false));
    assertThatThrownBy(() -> htpasswd.parse("group:ops pull **"))
        .hasMessage("no way to log in has groups, so it can match nobody");
  }

  @Test
  void usersAreRefusedWhereNobodyCanLogIn() {
    assertThatThrownBy(() -> syntax().parse("authenticated pull **"))
        .hasMessage("\"authenticated\" can match nobody, because there is no way to log in");
  }
}
