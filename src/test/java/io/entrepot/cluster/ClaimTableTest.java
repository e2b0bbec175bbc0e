package io.entrepot.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.entrepot.cache.blobs.FillClaims.Claim;
import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import io.entrepot.fixture.Postgres;
import io.entrepot.oci.Digest;
import io.entrepot.spool.FillKey;
import java.net.URI;
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

/** Which node has the claim for a blob. */
@EnabledIfSystemProperty(named = "entrepot.test.database", matches = "postgresql")
class ClaimTableTest {
  private static final FillKey KEY =
      new FillKey("docker.io", Digest.ofBytes(Digest.Algorithm.SHA256, new byte[] {1}));

  private HikariDataSource postgres;
  private Database database;
  private Membership membership;
  private ClaimTable first;
  private ClaimTable second;

  @BeforeEach
  void open() throws SQLException {
    postgres = new HikariDataSource();
    postgres.setJdbcUrl(Postgres.newDatabase());
    postgres.setMaximumPoolSize(2);
    postgres.setConnectionTimeout(1000);
    database = new Database(postgres);
    Changes.makeTables(postgres, Clock.systemUTC());
    membership = join("a");
    join("b");
    join("c");
    first = new ClaimTable(database, "a");
    second = new ClaimTable(database, "b");
  }

  @AfterEach
  void close() {
    postgres.close();
  }

  private Membership join(String name) {
    Membership.Node node =
        new Membership.Node(name, "http://" + name, "1.0", Instant.EPOCH, Duration.ZERO);
    return Membership.join(database, node, "mark");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = postgres.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void oneOfTwoNodesHasTheClaimAndTheOtherIsToldItsAddress() {
    Claim own = first.take(KEY, null).orElseThrow();
    Claim told = second.take(KEY, null).orElseThrow();

    assertThat(own.isOwn()).isTrue();
    assertThat(told).isEqualTo(new Claim(KEY, "a", URI.create("http://a"), false, own.fence()));
  }

  @Test
  void claimsOfUpstreamsAreApart() {
    assertThat(first.take(KEY, null).orElseThrow().isOwn()).isTrue();
    FillKey other = new FillKey("ghcr.io", KEY.digest());

    assertThat(second.take(other, null).orElseThrow().isOwn()).isTrue();
  }

  @Test
  void claimOfNodeThatDiedIsFreeAfterTenSeconds() throws SQLException {
    long fence = first.take(KEY, null).orElseThrow().fence();
    execute("UPDATE node SET seen = seen - INTERVAL '9 seconds' WHERE name = 'a'");
    assertThat(second.take(KEY, null).orElseThrow().isOwn()).isFalse();
    execute("UPDATE node SET seen = seen - INTERVAL '2 seconds' WHERE name = 'a'");

    Claim taken = second.take(KEY, null).orElseThrow();

    assertThat(taken.isOwn()).isTrue();
    assertThat(taken.fence()).isGreaterThan(fence);
  }

  @Test
  void oneOfTwoFollowersTakesLostClaimAndTheOtherFollowsIt() {
    assertThat(first.take(KEY, null)).isPresent();
    Claim lost = second.take(KEY, null).orElseThrow();
    ClaimTable third = new ClaimTable(database, "c");

    assertThat(second.take(KEY, lost).orElseThrow().isOwn()).isTrue();
    assertThat(third.take(KEY, lost).orElseThrow().node()).isEqualTo("b");
  }

  @Test
  void claimThatWasTakenAwayIsNotEndedByItsFormerNode() {
    Claim own = first.take(KEY, null).orElseThrow();
    assertThat(second.take(KEY, own)).isPresent();

    first.end(own, false);

    assertThat(first.take(KEY, null).orElseThrow().node()).isEqualTo("b");
  }

  @Test
  void claimOfFillThatFailedIsGoneAndThatOfStoredBlobStaysForAnHour() throws SQLException {
    first.end(first.take(KEY, null).orElseThrow(), false);
    Claim own = second.take(KEY, null).orElseThrow();
    assertThat(own.isOwn()).isTrue();
    second.end(own, true);
    assertThat(first.take(KEY, null).orElseThrow().node()).isEqualTo("b");

    execute("UPDATE fill_claim SET at = at - INTERVAL '61 minutes'");
    membership.prune();

    assertThat(first.take(KEY, null).orElseThrow().node()).isEqualTo("a");
  }

  @Test
  void nodeThatStartsAgainHasItsClaimAgain() {
    long before = first.take(KEY, null).orElseThrow().fence();

    Claim again = new ClaimTable(database, "a").take(KEY, null).orElseThrow();

    assertThat(again.isOwn()).isTrue();
    assertThat(again.fence()).isGreaterThan(before);
  }

  @Test
  void withoutDatabaseNobodyHasIt() throws SQLException {
    Claim own = first.take(KEY, null).orElseThrow();
    execute("ALTER TABLE fill_claim RENAME TO away");

    assertThat(second.take(KEY, null)).isEmpty();
    first.end(own, true);
  }
}
