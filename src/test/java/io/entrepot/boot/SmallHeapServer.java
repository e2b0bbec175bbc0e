package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A {@link TestServer} in a Java process of its own, whose heap can be small. */
public final class SmallHeapServer implements AutoCloseable {
  private final Process process;
  private final int port;

  private SmallHeapServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts the process, and waits until it serves.
   *
   * @param heap such as {@code 128m}
   */
  public static SmallHeapServer start(Path folder, URI upstream, String heap) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                SmallHeapServer.class.getName(),
                folder.toString(),
                upstream.toString())
            .redirectError(folder.resolve("err").toFile())
            .start();
    String port =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8)).readLine();
    if (port == null) {
      throw new IOException("the server has not started, see " + folder.resolve("err"));
    }
    return new SmallHeapServer(process, Integer.parseInt(port));
  }

  /** Serves until its input ends, with its parent. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    try (TestServer server = new TestServer.Builder(folder, URI.create(arguments[1])).start()) {
      System.out.println(server.port());
      while (System.in.read() >= 0) {
        // It says nothing.
      }
    }
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
