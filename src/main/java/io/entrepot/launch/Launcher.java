package io.entrepot.launch;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.catalina.LifecycleException;

/**
 * The main class of {@code java -jar entrepot.war}. It turns options into system properties,
 * deploys the application that is in the same WAR, and serves until a signal stops it.
 *
 * <p>Exit codes: 0 after a signal, {@code --help}, {@code --version} or a {@code --check} that has
 * found no problem; 1 when the start or the check fails (standard error says why); 2 for a wrong
 * command line.
 */
public final class Launcher {
  /**
   * How long a stop may take, not counting its wait for responses. Then the JVM is ended by force.
   */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private final PrintStream out;
  private final PrintStream err;
  private final Announcements announcements = new Announcements();
  private volatile boolean binding;
  private volatile boolean stopping;

  private Launcher(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Runs until a signal comes or the start fails. */
  public static void main(String[] arguments) {
    int code = new Launcher(System.out, System.err).run(List.of(arguments));
    if (code != 0) {
      System.exit(code);
    }
  }

  private int run(List<String> arguments) {
    TypedOptions typed = new TypedOptions(Map.of());
    try {
      Options options = Options.parse(arguments);
      typed = new TypedOptions(Options.typed(arguments));
      switch (options.action()) {
        case HELP -> out.print(help());
        case VERSION -> out.println("Entrepot " + War.version());
        case SERVE, CHECK -> serve(options);
      }
      return 0;
    } catch (UsageException e) {
      err.println(e.getMessage() + " (see --help)");
      return 2;
    } catch (LaunchException | LifecycleException e) {
      err.println(typed.in(String.valueOf(e.getMessage())));
      return 1;
    }
  }

  private static String help() throws LaunchException {
    return """
    Usage: java -jar entrepot.war [OPTION]...
    A pull-through caching OCI registry.

    Options:
    %s
    Settings, as --set KEY=VALUE, -Dentrepot.KEY=VALUE, environment variable or in config.yml:
    %s\
    """
        .formatted(Options.help(), War.running().settingsHelp());
  }

  private void serve(Options options) throws LaunchException, LifecycleException {
    options
        .settings()
        .forEach((key, value) -> System.setProperty(TypedOptions.PROPERTY_PREFIX + key, value));
    ConsoleLog log = ConsoleLog.start(() -> binding || announcements.failure().isPresent());
    announcements.tell(log);
    War war = War.running();
    Scratch scratch = scratch();
    try {
      EmbeddedTomcat tomcat = tomcat(scratch, war);
      if (options.action() == Options.Action.CHECK) {
        check(tomcat);
        scratch.delete();
      } else {
        serve(tomcat, scratch, log);
      }
    } catch (LaunchException | LifecycleException e) {
      scratch.delete();
      throw e;
    }
  }

  private void check(EmbeddedTomcat tomcat) throws LaunchException, LifecycleException {
    tomcat.onlyCheck();
    boolean deployed = tomcat.deploy();
    tomcat.stop(Duration.ZERO);
    if (!deployed) {
      throw new LaunchException(
          announcements.failure().orElse("the check has failed; use --set log.level=debug"));
    }
    out.println(announcements.found().orElse("this application cannot be checked"));
  }

  private static Scratch scratch() throws LaunchException {
    String parent = System.getProperty("java.io.tmpdir");
    try {
      return Scratch.in(Path.of(parent), Clock.systemUTC());
    } catch (IOException e) {
      throw new LaunchException(
          "java.io.tmpdir: cannot make a folder in %s: %s".formatted(parent, e));
    }
  }

  private EmbeddedTomcat tomcat(Scratch scratch, War war) throws LaunchException {
    try {
      UnpackedWar application = UnpackedWar.of(war.file(), scratch.folder("application"));
      return new EmbeddedTomcat(scratch.folder("tomcat"), application, announcements);
    } catch (IOException e) {
      throw new LaunchException(
          "java.io.tmpdir: cannot unpack %s below it: %s".formatted(war.file(), e));
    }
  }

  private void serve(EmbeddedTomcat tomcat, Scratch scratch, ConsoleLog log)
      throws LaunchException, LifecycleException {
    Thread onSignal = new Thread(() -> stopAndHalt(tomcat, scratch), "entrepot-signal");
    Runtime.getRuntime().addShutdownHook(onSignal);
    try {
      start(tomcat, log);
      tomcat.await();
    } catch (LaunchException | LifecycleException | RuntimeException | Error e) {
      if (isSignalled(onSignal)) {
        return;
      }
      tomcat.stop(Duration.ZERO);
      throw e;
    }
  }

  /**
   * Removes the shutdown hook. Returns true if a signal has come, so that the hook runs already.
   */
  private static boolean isSignalled(Thread hook) {
    try {
      return !Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private void start(EmbeddedTomcat tomcat, ConsoleLog log)
      throws LaunchException, LifecycleException {
    if (!tomcat.deploy()) {
      if (announcements.failure().isEmpty()) {
        log.started(); // the application gave no reason, so the log must show it
      }
      throw new LaunchException(
          announcements.failure().orElse("the application has not started; the log says why"));
    }
    ListenAddress address =
        announcements
            .address()
            .map(ListenAddress::of)
            .orElseThrow(
                () ->
                    new LaunchException(
                        "the application has not announced the address to listen on"));
    binding = true;
    Optional<CertificateFiles> certificate = announcements.certificate();
    Optional<ListenAddress> admin = announcements.adminAddress().map(ListenAddress::of);
    if (admin.isPresent()) {
      var unused = tomcat.listen(EmbeddedTomcat.Place.ofOperators(admin.get()), certificate);
    }
    Optional<URI> node = announcements.nodeAddress();
    if (node.isPresent()) {
      boolean tls = node.get().getScheme().equals("https");
      if (tls && certificate.isEmpty()) {
        throw new LaunchException("cluster.address: https needs http.tls.certificate");
      }
      var unused =
          tomcat.listen(
              EmbeddedTomcat.Place.ofNodes(ListenAddress.ofNode(node.get())),
              tls ? certificate : Optional.empty());
    }
    int port = tomcat.listen(EmbeddedTomcat.Place.ofClients(address), certificate);
    binding = false;
    log.started();
    String upstream = announcements.upstream().map(url -> " (upstream " + url + ")").orElse("");
    String scheme = certificate.isPresent() ? "https" : "http";
    if (!stopping) {
      admin.ifPresent(at -> out.println("/api and /metrics are at " + at.url(scheme, at.port())));
      out.printf(
          "Entrepot %s serves %s/v2/%s%n", War.version(), address.url(scheme, port), upstream);
    }
  }

  /**
   * Stops and ends the JVM. It runs as a shutdown hook; without the halt the exit code would be the
   * code of the signal.
   */
  private void stopAndHalt(EmbeddedTomcat tomcat, Scratch scratch) {
    stopping = true;
    Thread stop = new Thread(() -> stop(tomcat, scratch), "entrepot-stop");
    stop.start();
    try {
      stop.join(announcements.drainTimeout().plus(STOP_TIMEOUT).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (stop.isAlive()) {
      err.println("Entrepot did not stop in time; the JVM is ended now");
    }
    out.flush();
    err.flush();
    Runtime.getRuntime().halt(stop.isAlive() ? 1 : 0);
  }

  private void stop(EmbeddedTomcat tomcat, Scratch scratch) {
    try {
      tomcat.stop(announcements.drainTimeout());
    } catch (LifecycleException e) {
      err.println("Entrepot did not stop cleanly: " + e.getMessage());
    } finally {
      scratch.delete();
    }
  }
}
