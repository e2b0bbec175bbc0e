package io.entrepot.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;

/** Why a database cannot be used, in words that hide its messages. */
class FailureReasonTest {
  @Test
  void wrongPasswordAndClosedPortAreDifferent() {
    SQLException refused = new SQLException("canary", "28P01");
    SQLException closed =
        new SQLException("canary", "08001", new ConnectException("Connection refused"));

    assertThat(FailureReason.of(refused))
        .isEqualTo(
            "java.sql.SQLException, SQL state 28P01: the database refuses the user or the"
                + " password");
    assertThat(FailureReason.of(closed))
        .isEqualTo(
            "java.sql.SQLException, SQL state 08001: no connection to the database,"
                + " java.net.ConnectException: Connection refused");
  }

  @Test
  void reasonInsideThatOfAPoolIsTold() {
    assertThat(
            FailureReason.of(
                new SQLTransientConnectionException(
                    "canary: timed out", new SQLException("canary", "3D000"))))
        .isEqualTo(
            "java.sql.SQLTransientConnectionException, SQL state 3D000: there is no such database");
  }

  @Test
  void classThatIsMissingIsNamed() {
    assertThat(
            FailureReason.of(
                new IllegalStateException("canary", new ClassNotFoundException("org.x.Driver"))))
        .isEqualTo(
            "java.lang.IllegalStateException, java.lang.ClassNotFoundException: org.x.Driver");
  }

  @Test
  void withoutAReasonTheClassesAreTold() {
    assertThat(FailureReason.of(new IllegalStateException("canary")))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(FailureReason.of(new SQLException("canary", new IllegalStateException("canary"))))
        .isEqualTo("java.sql.SQLException, java.lang.IllegalStateException");
  }
}
