package io.entrepot.servers.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a server's commands.
 *
 * @param folder where they run, and where console.log takes what they say
 * @param environment added to ours
 */
record Script(Path folder, Map<String, String> environment) {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int LAST_LINES = 60;

  /**
   * Runs one to its end.
   *
   * @throws IOException when it fails or does not end; with what was said last
   */
  void run(List<String> command) throws IOException {
    var process = start(command);
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw failed(command, "does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(command, "was interrupted");
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw failed(command, "ended with " + process.exitValue());
    }
  }

  /** Starts one that goes on. */
  Process start(List<String> command) throws IOException {
    var builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(console().toFile()));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  IOException failed(List<String> command, String how) throws IOException {
    var lines = Files.readAllLines(console());
    var last = lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
    return new IOException("%s %s:\n%s".formatted(command, how, String.join("\n", last)));
  }

  private Path console() {
    return folder.resolve("console.log");
  }
}
