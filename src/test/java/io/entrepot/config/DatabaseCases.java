package io.entrepot.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The cases of {@link SettingsFromSourcesTest} for a PostgreSQL. */
final class DatabaseCases {
  private static final String URL = "jdbc:postgresql://db.example/entrepot";
  private static final String BESIDE = "database.url: " + URL + "\n";

  static final List<SettingCase> ALL =
      List.of(
          new SettingCase(
              "database.url",
              "jdbc:postgresql://a:5432,[::1]:5433/e?sslmode=verify-full&targetServerType=any",
              s -> s.resources().databaseServer().map(Settings.DatabaseServer::url),
              Optional.empty(),
              Optional.of(
                  "jdbc:postgresql://a:5432,[::1]:5433/e?sslmode=verify-full&targetServerType=any")),
          new SettingCase(
              "database.username",
              "me",
              s -> s.resources().databaseServer().map(Settings.DatabaseServer::username),
              Optional.empty(),
              Optional.of("me"),
              BESIDE),
          new SettingCase(
              "database.password",
              "pass",
              s -> s.resources().databaseServer().map(d -> d.password().reveal()),
              Optional.empty(),
              Optional.of("pass"),
              BESIDE),
          new SettingCase(
              "database.passwordfile",
              file().toString(),
              s -> s.resources().databaseServer().map(d -> d.password().reveal()),
              Optional.empty(),
              Optional.of("from a file"),
              BESIDE));

  private DatabaseCases() {}

  private static Path file() {
    try {
      Path file = Files.createTempFile("password", "");
      file.toFile().deleteOnExit();
      return Files.writeString(file, "from a file\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
