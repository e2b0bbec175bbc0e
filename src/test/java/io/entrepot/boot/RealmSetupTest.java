package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletContext;
import jakarta.servlet.SessionTrackingMode;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is prepared in a server whose realm checks passwords. */
class RealmSetupTest {
  private final List<String> roles = new ArrayList<>();
  private final List<Object> tracking = new ArrayList<>();

  private ServletContext server(String info, @Nullable String executable) {
    return (ServletContext)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ServletContext.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getServerInfo")) {
                return info;
              }
              if (method.getName().equals("getInitParameter")) {
                return executable;
              }
              if (method.getName().equals("declareRoles")) {
                roles.addAll(Arrays.asList((String[]) arguments[0]));
              } else {
                tracking.add(arguments[0]);
              }
              return null;
            });
  }

  @Test
  void groupsOfRulesAreDeclaredAndSessionsHaveNoCookies() {
    RealmSetup.prepare(server("Apache Tomcat/10.1", null), Set.of("ci", "entrepot-pull"));
    assertThat(roles).as("one more is in web.xml").containsExactly("ci");
    assertThat(tracking).containsExactly(Set.of(SessionTrackingMode.URL));
  }

  @Test
  void libertyTakesOnlyTheRolesOfTheWar() {
    ServletContext liberty = server("IBM WebSphere Liberty/26.0.0.3", null);
    RealmSetup.prepare(liberty, Set.of("entrepot-pull", "entrepot-manage"));
    assertThatThrownBy(() -> RealmSetup.prepare(liberty, Set.of("ci", "entrepot-pull")))
        .isInstanceOf(StartException.class)
        .hasMessage(
            "access: Liberty knows no groups but entrepot-manage, entrepot-pull, entrepot-view, and"
                + " rules name ci; bind your groups to these in server.xml");
  }

  @Test
  void executableWarHasNoRealm() {
    assertThatThrownBy(() -> RealmSetup.prepare(server("Apache Tomcat/10.1", "true"), Set.of()))
        .isInstanceOf(StartException.class)
        .hasMessage(
            "auth.container: java -jar has no realm; use auth.htpasswd or auth.ldap, or a server");
  }
}
