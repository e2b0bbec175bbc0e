package io.entrepot.launch;

import io.entrepot.fixture.FakeRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Starts the packaged WAR by {@code java -jar}, with a registry of its own as the upstream. */
abstract class ExecutableFixture {
  @TempDir Path folder;
  final FakeRegistry upstream = FakeRegistry.start();

  @AfterEach
  void stop() {
    upstream.close();
  }

  final LaunchedProcess launch(String drain, String... options) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--addr",
                "127.0.0.1:0",
                "--data",
                folder.resolve("data").toString(),
                "--set",
                "proxy.remoteurl=" + upstream.uri(),
                "--set",
                "storage.reserve=0",
                "--set",
                "storage.unlinkgrace=0s",
                "--set",
                "http.draintimeout=" + drain));
    all.addAll(List.of(options));
    return LaunchedProcess.jar(
        Path.of(System.getProperty("it.war")), folder, all.toArray(String[]::new));
  }
}
