package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeRegistry;
import java.io.IOException;
import java.net.PasswordAuthentication;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.spi.ObjectFactory;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Valid and invalid objects in the JNDI of a Tomcat. */
@Timeout(60)
class JndiTest {
  @TempDir Path folder;
  private JndiTomcat tomcat;

  @BeforeEach
  void open() throws IOException {
    tomcat = new JndiTomcat(folder);
  }

  @AfterEach
  void close() {
    tomcat.close();
  }

  private void assertFails(String message) {
    tomcat.start();
    assertThat(tomcat.isDeployed()).isFalse();
    assertThat(tomcat.failure()).isEqualTo(message);
  }

  @Test
  void settingsAreTaken() throws Exception {
    tomcat.start();
    assertThat(tomcat.isDeployed()).isTrue();
    assertThat(tomcat.get("/v2/")).isEqualTo(200);
    assertThat(folder.resolve("data/blobs")).isDirectory();
  }

  @Test
  void missingDataSourceIsNamed() {
    tomcat.setting("datasource", "jdbc/absent");
    assertFails("datasource: JNDI jdbc/absent is not bound; expected a javax.sql.DataSource");
  }

  @Test
  void wronglyTypedEntryIsNamed() {
    tomcat.environment("entrepot/proxy/ttl", "java.lang.Character", "x");
    assertFails(
        "proxy.ttl: JNDI java:comp/env/entrepot/proxy/ttl is a java.lang.Character; expected a"
            + " java.lang.String (duration)");
  }

  @Test
  void wronglyTypedCredentialsAreNamed() {
    tomcat.environment("entrepot/proxy/credentials", "java.lang.Character", "x");
    assertFails(
        "proxy.credentials: JNDI java:comp/env/entrepot/proxy/credentials is a java.lang.Character;"
            + " expected a java.lang.String or java.net.PasswordAuthentication (user"
            + " name:password)");
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    tomcat.environment("entrepot/proxy/ttl", "java.lang.Integer", "168");
    tomcat.setting("proxy/maxfills", "many");
    assertFails(
        """
        proxy.maxfills: JNDI java:comp/env/entrepot/proxy/maxfills is "many"; expected integer 1..1024
        proxy.ttl: JNDI java:comp/env/entrepot/proxy/ttl is "168"; expected duration (add a unit, such as s or h: a bare number is not taken as nanoseconds here)\
        """);
  }

  @Test
  void dataSourceOfAnotherTypeIsNamed() {
    tomcat.environment("jdbc/entrepot", "java.lang.String", "x");
    assertFails(
        "datasource: JNDI jdbc/entrepot is a java.lang.String; expected a"
            + " javax.sql.DataSource");
  }

  /** Binds a database that is not there. */
  public static final class AbsentDatabase implements ObjectFactory {
    @Override
    public Object getObjectInstance(Object o, Name n, Context c, Hashtable<?, ?> e) {
      JdbcDataSource absent = new JdbcDataSource();
      absent.setURL("jdbc:h2:tcp://127.0.0.1:1/canary;PASSWORD=canary-secret");
      return absent;
    }
  }

  @Test
  void dataSourceThatDoesNotAnswerIsNamed() {
    tomcat.resource("jdbc/entrepot", "javax.sql.DataSource", AbsentDatabase.class);
    tomcat.start();
    assertThat(tomcat.isDeployed()).isFalse();
    assertThat(tomcat.failure())
        .startsWith(
            "datasource: the javax.sql.DataSource of JNDI jdbc/entrepot, a"
                + " org.h2.jdbcx.JdbcDataSource, does not answer")
        .doesNotContain("canary-secret");
  }

  /** Fails as a pool with a wrong driver does. */
  public static final class BrokenFactory implements ObjectFactory {
    @Override
    public Object getObjectInstance(Object o, Name n, Context c, Hashtable<?, ?> e) {
      throw new IllegalStateException("canary-secret");
    }
  }

  @Test
  void resourceThatCannotBeMadeIsNamed() {
    tomcat.resource("jdbc/entrepot", "javax.sql.DataSource", BrokenFactory.class);
    assertFails(
        "datasource: JNDI java:comp/env/jdbc/entrepot: lookup failed"
            + " (java.lang.IllegalStateException); expected a javax.sql.DataSource");
  }

  /** Binds what a server with Jakarta Concurrency has by itself. */
  public static final class BoundFactory implements ObjectFactory {
    @Override
    public Object getObjectInstance(Object o, Name n, Context c, Hashtable<?, ?> e) {
      return (ThreadFactory) ServersThread::new;
    }
  }

  private static final class ServersThread extends Thread {
    ServersThread(Runnable work) {
      super(work);
    }
  }

  private static Stream<Thread> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("entrepot-ask"));
  }

  @Test
  void threadsComeFromTheServersFactoryAndEndWithTheApplication() {
    tomcat.setting("threadfactory", "concurrent/mine");
    tomcat.resource("concurrent/mine", "java.util.concurrent.ThreadFactory", BoundFactory.class);
    tomcat.start();

    assertThat(tomcat.isDeployed()).isTrue();
    assertThat(ours()).isNotEmpty().allMatch(thread -> thread instanceof ServersThread);

    tomcat.undeploy();
    assertThat(ours()).isEmpty();
  }

  @Test
  void threadFactoryThatIsNotThereIsNamed() {
    tomcat.setting("threadfactory", "concurrent/absent");
    assertFails(
        "threadfactory: JNDI concurrent/absent is not bound; expected a"
            + " java.util.concurrent.ThreadFactory");
  }

  @Test
  void threadFactoryOfAnotherTypeIsNamed() {
    tomcat.setting("threadfactory", "concurrent/mine");
    tomcat.environment("concurrent/mine", "java.lang.String", "x");
    assertFails(
        "threadfactory: JNDI concurrent/mine is a java.lang.String; expected a"
            + " java.util.concurrent.ThreadFactory");
  }

  /** Binds what no {@code <Environment>} can. */
  public static final class BoundPassword implements ObjectFactory {
    @Override
    public Object getObjectInstance(Object o, Name n, Context c, Hashtable<?, ?> e) {
      return new PasswordAuthentication("me", "secret-of-me".toCharArray());
    }
  }

  @Test
  void credentialsAreAPasswordAuthenticationOrAText() throws Exception {
    try (FakeRegistry upstream = FakeRegistry.start()) {
      upstream.requireBasic("me", "secret-of-me");
      var digest = upstream.putBlob("team/app", new byte[100]);
      tomcat.setting("proxy/remoteurl", upstream.uri().toString());
      tomcat.resource(
          "entrepot/proxy/credentials", "java.net.PasswordAuthentication", BoundPassword.class);
      tomcat.start();
      assertThat(tomcat.get("/v2/team/app/blobs/" + digest)).isEqualTo(200);
    }
  }

  /** An administrator can change JNDI through JMX without a restart. */
  @Test
  void credentialsThatAreBoundAnewAreFoundWhenTheOldOnesAreRefused() throws Exception {
    try (FakeRegistry upstream = FakeRegistry.start()) {
      upstream.requireBasic("me", "old");
      var digest = upstream.putBlob("team/app", new byte[100]);
      var other = upstream.putBlob("team/app", new byte[200]);
      tomcat.setting("proxy/remoteurl", upstream.uri().toString());
      tomcat.setting("proxy/credentials", "me:old");
      tomcat.start();
      assertThat(tomcat.get("/v2/team/app/blobs/" + digest)).isEqualTo(200);

      upstream.requireBasic("me", "new");
      tomcat.setting("proxy/credentials", "me:new");

      assertThat(tomcat.get("/v2/team/app/blobs/" + other)).isEqualTo(200);
    }
  }
}
