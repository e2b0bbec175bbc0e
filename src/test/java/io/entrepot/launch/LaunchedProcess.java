package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.sun.tools.attach.VirtualMachine;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** A launcher in its own JVM. Its temporary files, output and errors are in one folder. */
final class LaunchedProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern SERVES = Pattern.compile("serves https?://[^ ]+:([0-9]+)/v2/");

  private final Path folder;
  private final Process process;

  private LaunchedProcess(Path folder, List<String> arguments) throws IOException {
    this.folder = folder;
    Files.createDirectories(temporary());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + temporary());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")); // a JVM of a second
    command.addAll(arguments);
    process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
  }

  /**
   * Starts a WAR that has no Tomcat in it.
   *
   * @param properties system properties, {@code name=value}
   */
  static LaunchedProcess of(Path war, Path folder, List<String> properties, String... options)
      throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-cp", war + File.pathSeparator + tomcat()));
    properties.forEach(property -> arguments.add("-D" + property));
    arguments.add(Launcher.class.getName());
    arguments.addAll(Arrays.asList(options));
    return new LaunchedProcess(folder, arguments);
  }

  /** Starts the real WAR. */
  static LaunchedProcess jar(Path war, Path folder, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-jar", war.toString()));
    arguments.addAll(Arrays.asList(options));
    return new LaunchedProcess(folder, arguments);
  }

  /** The port, as soon as it serves. */
  int port() {
    await().atMost(PATIENCE).until(() -> SERVES.matcher(out()).find() || !process.isAlive());
    Matcher matcher = SERVES.matcher(out());
    assertThat(matcher.find()).as(() -> "serves; errors: " + err()).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  /** Returns when it accepts no connections any more. The process may still run. */
  void awaitRefusal() {
    int port = port();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close()));
  }

  /** Connects to its JMX as JConsole does: by an agent that is loaded into the process. */
  @SuppressWarnings("BanJNDI") // the address is that of our own process
  JMXConnector attach() throws Exception {
    VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
    try {
      return JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()));
    } finally {
      machine.detach();
    }
  }

  /** Sends SIGTERM. */
  void terminate() {
    process.destroy();
  }

  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
    return process.exitValue();
  }

  String out() {
    return read("out");
  }

  String err() {
    return read("err");
  }

  Path temporary() {
    return folder.resolve("tmp");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private String read(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String tomcat() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(path -> path.contains("tomcat"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
