package io.entrepot.config;

import java.util.Optional;

/** Reads which PostgreSQL {@code java -jar} connects to. */
final class DatabaseReader {
  private final Values values;

  DatabaseReader(Values values) {
    this.values = values;
  }

  /** Empty if none is named: then the server's database is used, or the embedded one. */
  Optional<Settings.DatabaseServer> read() {
    for (Setting<?> setting : DatabaseTable.ALL) {
      values.requireBeside(setting, DatabaseTable.URL);
    }
    if (values.isGiven(DatabaseTable.URL) && values.isGiven(SettingsTable.DATASOURCE)) {
      values.bad(DatabaseTable.URL, "give only one of it and datasource");
    }
    boolean hasFile = values.isGiven(DatabaseTable.PASSWORDFILE);
    if (hasFile && values.isGiven(DatabaseTable.PASSWORD)) {
      values.bad(DatabaseTable.PASSWORDFILE, "give only one of it and database.password");
    }
    Secret password =
        hasFile
            ? values.secretIn(DatabaseTable.PASSWORDFILE)
            : values.given(DatabaseTable.PASSWORD).orElse(Secret.of(""));
    String user = values.given(DatabaseTable.USERNAME).orElse("");
    return values
        .given(DatabaseTable.URL)
        .map(url -> new Settings.DatabaseServer(url, user, password));
  }
}
