package io.entrepot.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import io.entrepot.fixture.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Who may join a cluster, and who is in it. */
@EnabledIfSystemProperty(named = "entrepot.test.database", matches = "postgresql")
class MembershipTest {
  private static final Clock CLOCK = Clock.systemUTC();

  private HikariDataSource postgres;
  private Database database;

  @BeforeEach
  void open() throws SQLException {
    postgres = new HikariDataSource();
    postgres.setJdbcUrl(Postgres.newDatabase());
    postgres.setMaximumPoolSize(2);
    database = new Database(postgres);
  }

  @AfterEach
  void close() {
    postgres.close();
  }

  private Membership join(String name, String address) {
    Membership.check(database, "mark", CLOCK);
    Changes.makeTables(postgres, CLOCK);
    return Membership.join(
        database, new Membership.Node(name, address, "1.0", Instant.EPOCH, Duration.ZERO), "mark");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = postgres.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void nodesAreThoseThatHaveJoinedAndNotLeft() {
    Membership a = join("a", "http://a");
    Membership b = join("b", "http://b");
    a.beat();

    assertThat(a.nodes()).extracting(Membership.Node::name).containsExactly("a", "b");
    assertThat(a.nodes()).allMatch(Membership.Node::isUp);
    b.leave();
    assertThat(a.nodes()).extracting(Membership.Node::address).containsExactly("http://a");
  }

  @Test
  void nodeThatDiedIsDownAfterTenSecondsAndItsNameIsFree() throws SQLException {
    Membership a = join("a", "http://a");
    assertThatThrownBy(() -> join("a", "http://other"))
        .hasMessage(
            "cluster.node: a node with the name a and another address is up; give each its own name");
    execute("UPDATE node SET seen = seen - INTERVAL '11 seconds'");

    assertThat(a.nodes()).noneMatch(Membership.Node::isUp);
    join("a", "http://other");
    assertThat(a.nodes()).extracting(Membership.Node::address).containsExactly("http://other");
  }

  @Test
  void nodeThatStartsAgainAtOnceTakesItsOwnPlace() {
    join("a", "http://a");

    assertThat(join("a", "http://a").nodes()).hasSize(1);
  }

  @Test
  void rowThatWasDeletedComesBack() throws SQLException {
    Membership a = join("a", "http://a");
    execute("DELETE FROM node");

    a.beat();

    assertThat(a.nodes()).hasSize(1);
  }

  @Test
  void anotherSecretIsRefused() {
    join("a", "http://a");

    assertThatThrownBy(() -> Membership.check(database, "other", CLOCK))
        .isInstanceOf(ClusterException.class)
        .hasMessage("cluster.secretfile: the cluster of this database has another secret");
  }

  @Test
  void clockThatIsOffIsRefusedAndNothingIsWritten() throws SQLException {
    Clock late = Clock.offset(CLOCK, Duration.ofHours(-1));

    assertThatThrownBy(() -> Membership.check(database, "mark", late))
        .hasMessageMatching(
            "cluster.address: the clock of this node is -3[56]\\d{5} ms off the database's; set it by"
                + " NTP");
    assertThatThrownBy(() -> execute("SELECT 1 FROM node")).hasMessageContaining("does not exist");
  }
}
