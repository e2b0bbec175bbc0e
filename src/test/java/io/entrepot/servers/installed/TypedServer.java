package io.entrepot.servers.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.FakeRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * A server that was installed by typing the commands of a page, line by line, in one shell. What
 * belongs to the machine is put in their place: folders and ports.
 */
final class TypedServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(400);
  private static final String HOST = "127.0.0.1";

  final FakeRegistry upstream = FakeRegistry.start();
  final Path home;
  final Path storage;
  private final Path files;
  private final Path console;
  private final Map<String, String> replaced = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private final int port;
  private final HttpClient client = HttpClient.newHttpClient();
  private String stop = "";
  private Process inTerminal;

  /**
   * Copies what was unpacked, and the files of the page.
   *
   * @param dist the unpacked server
   * @param variable the variable that the page exports for its folder
   * @param conf the folder in which the commands are typed
   * @param asWritten the address that the page asks
   * @param port the port that the server gets instead
   */
  TypedServer(Path folder, Path dist, String variable, Path conf, String asWritten, int port)
      throws Exception {
    this.port = port;
    home = folder.resolve("server");
    storage = folder.resolve("data");
    files = folder.resolve("files");
    console = Files.createFile(folder.resolve("console"));
    run(List.of("cp", "-a", dist.toAbsolutePath().toString(), home.toString()));
    FileUtils.copyDirectory(conf.toFile(), files.toFile());
    Files.copy(Path.of(System.getProperty("it.war")), files.resolve("entrepot.war"));
    replaced.put("(?<=export " + variable + "=)\\S+", home.toString());
    replaced.put("/var/lib/entrepot", storage.toString());
    replaced.put(asWritten, HOST + ":" + port);
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("ENTREPOT_STORAGE_RESERVE", "0");
  }

  /** Puts other text in place of what the page says, such as a port. */
  TypedServer replace(String text, String other) {
    replaced.put(text, other);
    return this;
  }

  TypedServer with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** The command that stops the server at the end of the test. */
  TypedServer stoppedBy(String command) {
    stop = command;
    return this;
  }

  /** Types lines. A request is repeated until the server answers; other lines must succeed. */
  void type(List<String> lines) throws Exception {
    List<String> before = new ArrayList<>();
    for (String line : lines) {
      String typed = replaced(line);
      if (typed.startsWith("curl ")) {
        run(before);
        before.clear();
        awaitServed(typed);
      } else {
        before.add(typed);
      }
    }
    run(before);
  }

  /**
   * Types lines, one of which goes on until Ctrl-C.
   *
   * @param command a part of that line
   */
  void type(List<String> lines, String command) throws Exception {
    List<String> before = new ArrayList<>();
    for (String line : lines) {
      String typed = replaced(line);
      if (line.contains(command)) {
        before.add("exec " + typed);
        inTerminal = shell(before);
        before.clear();
      } else if (typed.startsWith("curl ")) {
        awaitServed(typed);
      } else {
        before.add(typed);
      }
    }
  }

  /**
   * Ends the server in the terminal. Ctrl-C would send SIGINT, but a process that was started in
   * the background ignores that. SIGTERM ends a JVM in the same way.
   */
  void interrupt() throws Exception {
    String all =
        Stream.concat(Stream.of(inTerminal.toHandle()), inTerminal.descendants())
            .map(process -> Long.toString(process.pid()))
            .collect(Collectors.joining(" "));
    run(List.of("kill -TERM " + all));
    assertThat(inTerminal.waitFor(60, TimeUnit.SECONDS)).as(this::console).isTrue();
  }

  private String replaced(String line) {
    String typed = line;
    for (Map.Entry<String, String> each : replaced.entrySet()) {
      typed = typed.replaceAll(each.getKey(), each.getValue());
    }
    return typed;
  }

  private void awaitServed(String curl) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () ->
                assertThat(shell(List.of(curl.replace("curl ", "curl -sSf "))).waitFor())
                    .as(this::console)
                    .isZero());
  }

  private void run(List<String> commands) throws Exception {
    if (commands.isEmpty()) {
      return;
    }
    Process shell =
        commands.get(0).equals("cp") ? new ProcessBuilder(commands).start() : shell(commands);
    assertThat(shell.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(this::console).isTrue();
    assertThat(shell.exitValue()).as(() -> commands + "\n" + console()).isZero();
  }

  private Process shell(List<String> commands) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", "set -e\n" + String.join("\n", commands))
            .directory(files.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(console.toFile()));
    builder.environment().putAll(environment);
    return builder.start();
  }

  URI uri() {
    return URI.create("http://" + HOST + ":" + port);
  }

  HttpResponse<byte[]> get(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri().resolve(path)).timeout(Duration.ofSeconds(60)).build();
    return client.send(request, BodyHandlers.ofByteArray());
  }

  /** Puts text into a file before the last place where some other text begins. */
  static void insert(Path file, String text, String before) throws IOException {
    String all = Files.readString(file);
    int at = all.lastIndexOf(before);
    assertThat(at).as("%s in %s", before, file).isNotNegative();
    Files.writeString(file, all.substring(0, at) + text + all.substring(at));
  }

  /** All that was said in the terminals. */
  String console() {
    try {
      return Files.readString(console);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() throws Exception {
    try {
      if (!stop.isEmpty()) {
        run(List.of(stop));
      }
    } finally {
      if (inTerminal != null) {
        inTerminal.descendants().forEach(ProcessHandle::destroyForcibly);
        inTerminal.destroyForcibly();
      }
      upstream.close();
    }
  }
}
