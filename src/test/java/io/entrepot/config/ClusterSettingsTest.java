package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused of the settings of a node. */
class ClusterSettingsTest {
  @TempDir Path folder;

  private GivenSources node(String secret, String permissions) throws IOException {
    Path file = Files.writeString(folder.resolve("secret"), secret);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    return new GivenSources()
        .property("entrepot.cluster.address", "http://a:5001")
        .property("entrepot.cluster.insecure", "true")
        .property("entrepot.cluster.secretfile", file.toString());
  }

  @Test
  void secretIsLongAndNotForEverybody() throws IOException {
    assertThatThrownBy(node("x".repeat(31), "rw-------")::read)
        .hasMessageContaining("a secret has at least 32 characters");
    assertThatThrownBy(node("x".repeat(32), "rw-r--r--")::read)
        .hasMessageContaining("everybody can read it: chmod o-r the file");
    assertThatThrownBy(node("", "rw-------")::read).hasMessageContaining("cluster.secretfile");
    node("x".repeat(32), "rw-r-----").read(); // as Kubernetes mounts it for a group
  }

  @Test
  void nodesTalkByHttpOnlyWhereThatIsWanted() throws IOException {
    assertThatThrownBy(
            node("x".repeat(32), "rw-------").property("entrepot.cluster.insecure", "false")::read)
        .hasMessageContaining("http only with cluster.insecure");
    node("x".repeat(32), "rw-------")
        .property("entrepot.cluster.insecure", "false")
        .property("entrepot.cluster.address", "https://a:5001")
        .read();
  }

  @Test
  void settingsOfANodeNeedItsAddressAndASecret() {
    assertThatThrownBy(new GivenSources().property("entrepot.cluster.node", "a")::read)
        .hasMessageContaining("cluster.address: it is missing");
    assertThatThrownBy(
            new GivenSources().property("entrepot.cluster.address", "http://a:5001")::read)
        .hasMessageContaining("cluster.secretfile: it is missing");
    assertThatThrownBy(
            new GivenSources()
                    .property("entrepot.cluster.node", "a b")
                    .property("entrepot.cluster.address", "http://a:5001")
                ::read)
        .hasMessageContaining("letters, digits, dots and hyphens");
  }
}
