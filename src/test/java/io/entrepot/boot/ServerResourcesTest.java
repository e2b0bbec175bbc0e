package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The first connection to the server's database. */
@Timeout(60)
class ServerResourcesTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private static DataSource giving(Callable<Connection> connection) {
    return (DataSource)
        Proxy.newProxyInstance(
            ServerResourcesTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, args) -> connection.call());
  }

  @Test
  void databaseThatAnswersTellsWhatItIs() {
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:opening");

    assertThat(ServerResources.product("datasource: x", database, LONG)).startsWith("H2 ");
  }

  @Test
  void databaseThatNeverAnswersIsNamedAndLeft() throws InterruptedException {
    CountDownLatch interrupted = new CountDownLatch(1);
    DataSource silent =
        giving(
            () -> {
              try {
                new CountDownLatch(1).await();
              } finally {
                interrupted.countDown();
              }
              throw new IllegalStateException("unreachable");
            });

    assertThatThrownBy(
            () -> ServerResources.product("datasource: x", silent, Duration.ofMillis(100)))
        .isInstanceOf(StartException.class)
        .hasMessage("datasource: x does not answer: no connection within 100 ms");
    assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void passwordThatADriverQuotesIsNotTold() {
    DataSource talkative =
        giving(
            () -> {
              throw new SQLException(
                  "no suitable driver for jdbc:x://h/d?user=me&password=canary&x");
            });

    assertThatThrownBy(() -> ServerResources.product("datasource: x", talkative, LONG))
        .hasMessageEndingWith(
            "does not answer: java.sql.SQLException: no suitable driver for"
                + " jdbc:x://h/d?user=me&password=***&x")
        .hasNoCause();
  }
}
