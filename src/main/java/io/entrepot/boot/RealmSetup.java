package io.entrepot.boot;

import jakarta.servlet.ServletContext;
import jakarta.servlet.SessionTrackingMode;
import java.util.Set;
import java.util.TreeSet;

/** Prepares the realm of the server for logins: names the groups, and keeps sessions away. */
final class RealmSetup {
  /** A parameter of the context that the launcher of the executable WAR sets. */
  private static final String EXECUTABLE = "io.entrepot.executable";

  /** The roles of web.xml, for servers that know no others. */
  private static final Set<String> DECLARED =
      Set.of("entrepot-pull", "entrepot-view", "entrepot-manage");

  private RealmSetup() {}

  /**
   * Prepares it.
   *
   * @param groups the groups for which the realm will be asked
   * @throws StartException if the server has no realm, or cannot know a group
   */
  static void prepare(ServletContext context, Set<String> groups) {
    if (isExecutable(context)) {
      throw new StartException(
          "auth.container: java -jar has no realm; use auth.htpasswd or auth.ldap, or a server");
    }
    Set<String> others = new TreeSet<>(groups);
    others.removeAll(DECLARED);
    if (isLiberty(context) && !others.isEmpty()) {
      throw new StartException(
          "access: Liberty knows no groups but "
              + String.join(", ", new TreeSet<>(DECLARED))
              + ", and rules name "
              + String.join(", ", others)
              + "; bind your groups to these in server.xml");
    }
    context.declareRoles(others.toArray(String[]::new));
    // WildFly begins a session at each login. Without cookies, nobody gets one for it.
    context.setSessionTrackingModes(Set.of(SessionTrackingMode.URL));
  }

  /** Whether this is {@code java -jar}. */
  static boolean isExecutable(ServletContext context) {
    return context.getInitParameter(EXECUTABLE) != null;
  }

  private static boolean isLiberty(ServletContext context) {
    String server = String.valueOf(context.getServerInfo());
    return server.contains("WebSphere") || server.contains("Liberty");
  }
}
