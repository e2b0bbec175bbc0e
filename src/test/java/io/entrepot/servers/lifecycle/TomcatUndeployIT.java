package io.entrepot.servers.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.oci.Digest;
import io.entrepot.servers.OpenPull;
import io.entrepot.servers.lifecycle.WarServer.Deployed;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The checks for all servers, and: Tomcat searches for memory leaks and must find none. */
@Timeout(600)
class TomcatUndeployIT implements UndeployFacts {
  /** A strong reference, because the JVM drops loggers without one. */
  private static final Logger LOADER =
      Logger.getLogger("org.apache.catalina.loader.WebappClassLoaderBase");

  @TempDir Path folder;
  private TomcatServer tomcat;
  private Bench bench;
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final Handler complaining =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
            complaints.add(record.getMessage());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void start() throws Exception {
    LOADER.addHandler(complaining);
    tomcat = new TomcatServer(folder, Bench.war());
    bench = new Bench(folder, tomcat);
  }

  @AfterEach
  void leavesNoLeakThatTomcatFinds() throws Exception {
    try (Bench closed = bench) {
      // What the manager's findleaks shows; it collects garbage once, and JDK 25 needs a second
      // time.
      await()
          .untilAsserted(
              () -> {
                assertThat(tomcat.host("localhost").findReloadedContextMemoryLeaks()).isEmpty();
                assertThat(tomcat.host("127.0.0.1").findReloadedContextMemoryLeaks()).isEmpty();
              });
      assertThat(complaints).isEmpty();
    } finally {
      LOADER.removeHandler(complaining);
    }
  }

  @Override
  public Bench bench() {
    return bench;
  }

  /** It needs nothing of the application any more. */
  @Test
  void fileBeingSentOutlivesTheUndeployment() throws Exception {
    byte[] bytes = bench.random(64 << 20);
    Digest blob = bench.upstream.putBlob("team/app", bytes);
    Deployed deployed = bench.deploy();
    assertThat(bench.get(deployed, Bench.path(blob)).body()).isEqualTo(bytes);
    bench.awaitStored(deployed, blob);
    try (OpenPull pull = new OpenPull(deployed.uri(), Bench.path(blob))) {
      deployed.undeploy();

      assertThat(pull.read()).isEqualTo(bytes);
    }
  }
}
