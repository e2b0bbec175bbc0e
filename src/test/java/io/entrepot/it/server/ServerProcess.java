package io.entrepot.it.server;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A server started by its own command, whose output goes to a file. Used by one thread. */
final class ServerProcess {
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration STOP = Duration.ofSeconds(45);
  private static final int ANSWER_MS = 5_000;

  private final Process process;
  private final Path console;

  private ServerProcess(Process process, Path console) {
    this.process = process;
    this.console = console;
  }

  /**
   * Starts a server and waits until it serves the application.
   *
   * @param folder where it runs
   * @param served answers 200 as soon as the application is there
   * @throws IOException when it ends or does not serve in time; says what it wrote last
   */
  static ServerProcess start(List<String> command, Path folder, URI served) throws IOException {
    var console = folder.resolve("console.log");
    var process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(console.toFile()))
            .start();
    var server = new ServerProcess(process, console);
    try {
      Awaitility.await()
          .atMost(START)
          .until(() -> !process.isAlive() || status(served) == HttpURLConnection.HTTP_OK);
    } catch (ConditionTimeoutException e) {
      server.kill();
      throw new IOException("the server does not serve " + served + "; " + server.lastWords(), e);
    }
    if (!process.isAlive()) {
      throw new IOException("the server ended with " + process.exitValue() + server.lastWords());
    }
    return server;
  }

  private static int status(URI uri) {
    try {
      var connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout(ANSWER_MS);
      connection.setReadTimeout(ANSWER_MS);
      return connection.getResponseCode();
    } catch (IOException notYet) {
      return -1;
    }
  }

  /**
   * Stops it by SIGTERM.
   *
   * @throws IOException when it does not end in time; it is killed then
   */
  void stop() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("the server does not stop; " + lastWords());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      kill();
    }
  }

  void kill() {
    process.destroyForcibly();
  }

  private String lastWords() throws IOException {
    var lines = Files.readAllLines(console);
    return "it wrote:\n"
        + String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
  }
}
