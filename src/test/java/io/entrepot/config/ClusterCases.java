package io.entrepot.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The cases of {@link SettingsFromSourcesTest} for several nodes. */
final class ClusterCases {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private static final Path FILE = file();
  private static final String ADDRESS = "cluster.address: http://a:5001\n";
  private static final String FILE_LINE = "cluster.secretfile: " + FILE + "\n";
  private static final String INSECURE = "cluster.insecure: true\n";

  static final List<SettingCase> ALL =
      List.of(
          new SettingCase(
              "cluster.address",
              "http://A:5001/",
              s -> s.cluster().map(Settings.Cluster::address),
              Optional.empty(),
              Optional.of(URI.create("http://a:5001")),
              FILE_LINE + INSECURE),
          new SettingCase(
              "cluster.secretfile",
              FILE.toString(),
              s -> s.cluster().map(c -> c.secret().reveal()),
              Optional.empty(),
              Optional.of(SECRET),
              ADDRESS + INSECURE),
          new SettingCase(
              "cluster.node",
              "node-1",
              s -> s.cluster().map(Settings.Cluster::node),
              Optional.empty(),
              Optional.of("node-1"),
              ADDRESS + FILE_LINE + INSECURE),
          new SettingCase(
              "cluster.insecure",
              "true",
              s -> s.cluster().isPresent(),
              false,
              true,
              ADDRESS + FILE_LINE),
          new SettingCase(
              "cluster.ca",
              ForeignLoginCases.CA,
              s -> s.cluster().map(c -> c.authorities().size()),
              Optional.empty(),
              Optional.of(12),
              ADDRESS + FILE_LINE + INSECURE),
          SettingCase.duration(
              "cluster.outage",
              s -> s.cluster().map(Settings.Cluster::outage).orElse(Duration.ofMinutes(15)),
              Duration.ofMinutes(15),
              ADDRESS + FILE_LINE + INSECURE));

  private ClusterCases() {}

  private static Path file() {
    try {
      Path file = Files.createTempFile("secret", ""); // that only this user can read
      file.toFile().deleteOnExit();
      return Files.writeString(file, SECRET + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
