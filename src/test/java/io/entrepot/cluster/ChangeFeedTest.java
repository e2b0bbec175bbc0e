package io.entrepot.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.entrepot.database.ChangeFeed;
import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import io.entrepot.database.FaultyDataSource;
import io.entrepot.fixture.Postgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** What nodes tell each other through a real PostgreSQL. */
@EnabledIfSystemProperty(named = "entrepot.test.database", matches = "postgresql")
class ChangeFeedTest {
  private static final Duration OUTAGE = Duration.ofMinutes(15);

  private final AtomicLong nanos = new AtomicLong();
  private final List<String> heard = new ArrayList<>();
  private int forgotten;
  private HikariDataSource postgres;
  private FaultyDataSource dataSource;
  private Database database;
  private ChangeFeed feed;

  @BeforeEach
  void open() throws SQLException {
    postgres = new HikariDataSource();
    postgres.setJdbcUrl(Postgres.newDatabase());
    postgres.setMaximumPoolSize(4);
    dataSource = new FaultyDataSource(postgres);
    Changes.makeTables(dataSource, Clock.systemUTC());
    database = new Database(dataSource);
    feed =
        new ChangeFeed(
            dataSource,
            "a",
            OUTAGE,
            nanos::get,
            changes -> changes.forEach(change -> heard.add(change.changed())),
            () -> forgotten++);
  }

  @AfterEach
  void close() {
    postgres.close();
  }

  private void tell(String node, String what) {
    database.write(
        "telling",
        session -> {
          Changes.of(node).tell(session, "tag", what);
          return true;
        });
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void changeOfAnotherNodeIsHeardOnceAndOnesOwnNever() {
    assertThat(feed.read()).isTrue();
    tell("b", "x");
    tell("a", "mine");

    assertThat(feed.read()).isTrue();
    assertThat(feed.read()).isTrue();

    assertThat(heard).containsExactly("x");
  }

  @Test
  void changeThatIsCommittedLateIsHeard() throws SQLException {
    feed.read();
    try (Connection slow = postgres.getConnection();
        Statement statement = slow.createStatement()) {
      slow.setAutoCommit(false);
      statement.execute("INSERT INTO change (node, kind, changed) VALUES ('b', 'tag', 'early')");
      tell("b", "late");
      feed.read();
      assertThat(heard).containsExactly("late");
      slow.commit();
      slow.setAutoCommit(true);
    }
    feed.read();
    feed.read();

    assertThat(heard).containsExactly("late", "early");
  }

  @Test
  void nothingIsCurrentBeforeTheFirstReadAndFiveSecondsAfterTheLast() {
    assertThat(feed.isCurrent()).isFalse();
    feed.read();
    assertThat(feed.isCurrent()).isTrue();

    pass(ChangeFeed.STALE);

    assertThat(feed.isCurrent()).isFalse();
    assertThat(feed.countsInOutage()).isTrue();
  }

  @Test
  void memoryCountsWhileTheDatabaseIsDownAndIsForgottenThen() {
    feed.read();
    forgotten = 0;
    dataSource.goDown();

    assertThat(feed.read()).isFalse();
    pass(OUTAGE.minusSeconds(1));
    assertThat(feed.isCurrent()).isTrue();
    pass(Duration.ofSeconds(1));
    assertThat(feed.isCurrent()).isFalse();
    assertThat(feed.countsInOutage()).isFalse();

    dataSource.comeBack();
    assertThat(feed.read()).isTrue();
    assertThat(feed.isCurrent()).isTrue();
    assertThat(forgotten).isEqualTo(1);
  }

  @Test
  void readerThatSleptForgetsAllInsteadOfReadingWhatMayBeGone() {
    feed.read();
    tell("b", "x");
    forgotten = 0;
    pass(ChangeFeed.STALE.plusNanos(1));

    feed.read();

    assertThat(forgotten).isEqualTo(1);
    assertThat(heard).isEmpty();
  }

  @Test
  void moreThanTenThousandChangesAtOnceAreForgottenAsAWhole() {
    feed.read();
    forgotten = 0;
    List<String> many = Collections.nCopies(10_001, "x");
    database.write(
        "telling much",
        session -> {
          Changes.of("b").tellAll(session, "tag", many);
          return true;
        });

    feed.read();

    assertThat(forgotten).isEqualTo(1);
    assertThat(heard).isEmpty();
  }

  @Test
  void oldChangesAreDeleted() throws SQLException {
    tell("b", "x");
    try (Connection connection = postgres.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE change SET at = at - INTERVAL '11 minutes'");
    }
    tell("b", "y");

    feed.prune();

    List<String> left =
        database.read(
            "looking", s -> s.list("SELECT changed FROM change", row -> row.getString(1)));
    assertThat(left).containsExactly("y");
  }
}
