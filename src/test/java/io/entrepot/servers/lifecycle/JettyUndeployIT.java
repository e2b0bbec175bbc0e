package io.entrepot.servers.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.servers.OpenPull;
import io.entrepot.servers.lifecycle.WarServer.Deployed;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The checks for all servers, and: Jetty sends stored blobs by the pump too, so slow clients of
 * stored blobs.
 */
@Timeout(600)
class JettyUndeployIT implements UndeployFacts {
  @TempDir Path folder;
  private Bench bench;

  @BeforeEach
  void start() throws Exception {
    bench = new Bench(folder, new JettyServer(folder, Bench.war()));
  }

  @AfterEach
  void stop() throws Exception {
    bench.close();
  }

  @Override
  public Bench bench() {
    return bench;
  }

  @Test
  void clientThatDoesNotReadIsCutOff() throws Exception {
    byte[] bytes = bench.random(64 << 20);
    Digest blob = bench.upstream.putBlob("team/app", bytes);
    Deployed deployed = bench.deploy("http.draintimeout", "1s");
    assertThat(bench.get(deployed, Bench.path(blob)).body()).isEqualTo(bytes);
    try (OpenPull pull = new OpenPull(deployed.uri(), Bench.path(blob))) {
      deployed.undeploy();

      assertThat(pull.read().length).isLessThan(bytes.length);
    }
  }
}
