package io.entrepot.config;

import java.nio.file.Path;
import java.util.List;

/** The part of {@link SettingsTable} about a PostgreSQL that {@code java -jar} connects to. */
final class DatabaseTable {
  static final Setting<String> URL =
      new Setting<>(
          "database.url",
          DatabaseUrlSyntax.syntax(),
          "",
          "The PostgreSQL of `java -jar`, such as `jdbc:postgresql://db:5432/entrepot`. It may end"
              + " with `sslmode`, `sslrootcert` and `targetServerType`, and with no other"
              + " parameter. Other servers bind a `datasource` instead.");
  static final Setting<String> USERNAME =
      new Setting<>(
          "database.username", Syntax.username(), "", "The user name for this PostgreSQL.");
  static final Setting<Secret> PASSWORD =
      new Setting<>("database.password", Syntax.secret(), "", "The password for this PostgreSQL.");
  static final Setting<Path> PASSWORDFILE =
      new Setting<>(
          "database.passwordfile",
          Syntax.path(),
          "",
          "A file with this password instead, which is read at the start.");

  /** In the order in which people should read them. */
  static final List<Setting<?>> ALL = List.of(URL, USERNAME, PASSWORD, PASSWORDFILE);

  private DatabaseTable() {}
}
