package io.entrepot.servers.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.servers.lifecycle.WarServer.Deployed;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.catalina.deploy.NamingResourcesImpl;
import org.apache.tomcat.util.descriptor.web.ContextEnvironment;
import org.apache.tomcat.util.descriptor.web.ContextResource;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * If a server binds a wrong object in JNDI, the deployment of the packaged WAR fails. One message
 * in the server's log has the name, the expected type and the actual type.
 */
@Timeout(120)
class BadInputIT {
  @TempDir Path folder;
  private TomcatServer tomcat;

  @BeforeEach
  void start() throws Exception {
    tomcat = new TomcatServer(folder, Bench.war());
  }

  @AfterEach
  void stop() throws Exception {
    tomcat.close();
  }

  private Deployed deploy(Map<String, String> settings, Consumer<NamingResourcesImpl> more) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("proxy.remoteurl", "http://127.0.0.1:1");
    all.put("storage.filesystem.rootdirectory", folder.resolve("data").toString());
    all.put("storage.reserve", "0");
    return tomcat.deploy("localhost", all, more);
  }

  private AbstractThrowableAssert<?, ?> assertFails(
      Map<String, String> settings, Consumer<NamingResourcesImpl> more) {
    return assertThatThrownBy(() -> deploy(settings, more))
        .isInstanceOf(IllegalStateException.class);
  }

  private static Consumer<NamingResourcesImpl> environment(String name, String type, String value) {
    ContextEnvironment entry = new ContextEnvironment();
    entry.setName(name);
    entry.setType(type);
    entry.setValue(value);
    entry.setOverride(false);
    return resources -> resources.addEnvironment(entry);
  }

  /** A database of H2's own factory, which the WAR brings along. */
  private static Consumer<NamingResourcesImpl> database(String url) {
    ContextResource resource = new ContextResource();
    resource.setName("jdbc/entrepot");
    resource.setType("org.h2.jdbcx.JdbcDataSource");
    resource.setAuth("Container");
    resource.setProperty("factory", "org.h2.jdbcx.JdbcDataSourceFactory");
    resource.setProperty("url", url);
    resource.setProperty("user", "entrepot");
    resource.setProperty("password", "canary-secret");
    resource.setProperty("description", "");
    resource.setProperty("loginTimeout", "5");
    return resources -> resources.addResource(resource);
  }

  @Test
  void missingResourceIsNamed() {
    assertFails(Map.of("datasource", "jdbc/absent"), resources -> {})
        .hasMessage("datasource: JNDI jdbc/absent is not bound; expected a javax.sql.DataSource");
  }

  @Test
  void wronglyTypedEntryIsNamed() {
    assertFails(Map.of(), environment("entrepot/proxy/ttl", "java.lang.Character", "x"))
        .hasMessage(
            "proxy.ttl: JNDI java:comp/env/entrepot/proxy/ttl is a java.lang.Character; expected a"
                + " java.lang.String (duration)");
  }

  @Test
  void whatIsNoDataSourceIsNamed() {
    assertFails(Map.of(), environment("jdbc/entrepot", "java.lang.String", "x"))
        .hasMessage(
            "datasource: JNDI jdbc/entrepot is a java.lang.String; expected a"
                + " javax.sql.DataSource");
  }

  @Test
  void dataSourceThatDoesNotAnswerIsNamed() throws Exception {
    try (Socket deaf = new Socket()) {
      // The socket is bound, so that no other program takes the port, but it does not listen.
      deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      assertFails(
              Map.of(), database("jdbc:h2:tcp://127.0.0.1:" + deaf.getLocalPort() + "/entrepot"))
          .hasMessageStartingWith(
              "datasource: the javax.sql.DataSource of JNDI jdbc/entrepot, a"
                  + " org.h2.jdbcx.JdbcDataSource, does not answer: ")
          .hasMessageNotContaining("canary-secret");
    }
  }

  /**
   * Checks that a valid deployment works. Otherwise the other tests could fail for another reason.
   */
  @Test
  void sameDataSourceThatAnswersIsTaken() throws Exception {
    Deployed deployed = deploy(Map.of(), database("jdbc:h2:mem:entrepot;DB_CLOSE_DELAY=-1"));

    deployed.undeploy();

    assertThat(folder.resolve("data/index")).doesNotExist();
  }
}
