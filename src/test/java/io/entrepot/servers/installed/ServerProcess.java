package io.entrepot.servers.installed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.FakeCertificate;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A server with the application at its root, in a JVM of its own. */
final class ServerProcess implements AutoCloseable {
  /** Tomcat finds each class of a packed WAR by inflating its library from the beginning. */
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  private static final String HOST = "127.0.0.1";

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private final Path console;
  private final AnnouncedPort announced;
  private final Process process;

  private ServerProcess(
      Path folder, AnnouncedPort announced, Map<String, String> settings, List<String> command)
      throws IOException {
    this.announced = announced;
    this.console = folder.resolve("console.log");
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> whole = new ArrayList<>();
    whole.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    whole.add("-Djava.io.tmpdir=" + temporary);
    settings.forEach((key, value) -> whole.add("-Dentrepot." + key + "=" + value));
    whole.addAll(command);
    process =
        new ProcessBuilder(whole)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(console.toFile())
            .start();
  }

  /** The WAR by itself. */
  static ServerProcess executable(Path folder, Path war, Map<String, String> settings)
      throws IOException {
    List<String> command = List.of("-jar", war.toString(), "--addr", HOST + ":0");
    return new ServerProcess(folder, AnnouncedPort.EXECUTABLE, settings, command);
  }

  /**
   * The unpacked Tomcat with the files of tomcat-conf/, but with {@code unpackWARs="false"}.
   *
   * @param webapps has {@code ROOT.war} or {@code ROOT}
   */
  static ServerProcess tomcat(Path folder, Path webapps, Map<String, String> settings)
      throws Exception {
    Path home = distribution("apache-tomcat-10");
    Path conf = Files.createDirectories(folder.resolve("conf"));
    Path ours = Path.of("tomcat-conf");
    String server = Files.readString(ours.resolve("server.xml"));
    assertThat(server).contains("appBase=\"webapps\"", "unpackWARs=\"true\"");
    Files.writeString(
        conf.resolve("server.xml"),
        server
            .replace("unpackWARs=\"true\"", "unpackWARs=\"false\"")
            .replace("appBase=\"webapps\"", "appBase=\"" + webapps + "\""));
    Files.copy(ours.resolve("logging.properties"), conf.resolve("logging.properties"));
    Files.copy(ours.resolve("tomcat-users.xml"), conf.resolve("tomcat-users.xml"));
    Files.copy(home.resolve("conf/web.xml"), conf.resolve("web.xml"));
    putClasses(folder.resolve("lib"));
    FakeCertificate.create(folder, "tomcat", "ip:127.0.0.1")
        .install(Files.createDirectory(conf.resolve("tls")));
    String libraries =
        Stream.of("bootstrap.jar", "tomcat-juli.jar")
            .map(name -> home.resolve("bin").resolve(name).toString())
            .reduce((a, b) -> a + File.pathSeparator + b)
            .orElseThrow();
    return new ServerProcess(
        folder,
        AnnouncedPort.TOMCAT,
        settings,
        List.of(
            "-Dcatalina.home=" + home,
            "-Dcatalina.base=" + folder,
            "-Dtomcat.http.address=" + HOST,
            "-Dtomcat.http.port=0",
            "-Dtomcat.https.address=" + HOST,
            "-Dtomcat.https.port=0",
            "-Djava.util.logging.manager=org.apache.juli.ClassLoaderLogManager",
            "-Djava.util.logging.config.file=" + conf.resolve("logging.properties"),
            "-cp",
            libraries,
            "org.apache.catalina.startup.Bootstrap",
            "start"));
  }

  /** The classes of the WAR that server.xml names, as tomcat-conf/README.md puts them there. */
  private static void putClasses(Path lib) throws IOException {
    try (ZipFile war = new ZipFile(System.getProperty("it.war"))) {
      List<? extends ZipEntry> classes =
          war.stream()
              .filter(entry -> entry.getName().matches("io/entrepot/launch/(errors|limits)/.+"))
              .toList();
      for (ZipEntry entry : classes) {
        Path file = lib.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        try (InputStream in = war.getInputStream(entry)) {
          Files.copy(in, file);
        }
      }
    }
  }

  /**
   * The unpacked Jetty with a base of its own.
   *
   * @param webapps has {@code root.war}
   */
  static ServerProcess jetty(Path folder, Path webapps, Map<String, String> settings)
      throws IOException {
    List<String> ini =
        List.of(
            "--module=http",
            "jetty.http.host=" + HOST,
            "jetty.http.port=0",
            "--module=ee10-deploy",
            "jetty.deploy.monitoredDir=" + webapps,
            "jetty.deploy.scanInterval=0");
    Files.write(folder.resolve("start.ini"), ini);
    String start = distribution("jetty-home-12.0").resolve("start.jar").toString();
    return new ServerProcess(
        folder, AnnouncedPort.JETTY, settings, List.of("-Djetty.base=" + folder, "-jar", start));
  }

  private static Path distribution(String name) throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("it.dist")))) {
      return all.filter(path -> path.getFileName().toString().startsWith(name))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Returns when the application answers; fails where the server has ended before. */
  void awaitServed() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(isServed() || !process.isAlive()).as(this::console).isTrue());
    assertThat(process.isAlive()).as(this::console).isTrue();
  }

  private boolean isServed() {
    try {
      return announced.isIn(console()) && get("/v2/").statusCode() == 200;
    } catch (IOException notYet) {
      return false;
    }
  }

  HttpResponse<byte[]> get(String path) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + HOST + ":" + announced.in(console()) + path))
            .timeout(PATIENCE)
            .build();
    try {
      return client.send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All that the server has said. */
  String console() {
    try {
      return Files.readString(console);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops it by SIGTERM, as a service manager does. */
  void stop() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("ended").isTrue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
