package io.entrepot.launch;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.catalina.LifecycleException;

/**
 * The main class of {@code java -jar entrepot.war}: turns options into system properties, deploys
 * the application that lies beside it in the WAR, and serves it until a signal comes.
 *
 * <p>Exit codes: 0 after a signal, {@code --help} or {@code --version}; 1 when the start fails,
 * with lines on standard error that say why; 2 for a command line that cannot be understood.
 */
public final class Launcher {
  /** What a stop may take besides its wait for responses, before it counts as hung. */
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
    try {
      Options options = Options.parse(arguments);
      switch (options.action()) {
        case HELP -> out.print(help());
        case VERSION -> out.println("Entrepot " + War.version());
        case SERVE -> serve(options);
      }
      return 0;
    } catch (UsageException e) {
      err.println(e.getMessage() + " (see --help)");
      return 2;
    } catch (LaunchException | LifecycleException e) {
      err.println(e.getMessage());
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
        %s"""
        .formatted(Options.help(), War.running().settingsHelp());
  }

  private void serve(Options options) throws LaunchException, LifecycleException {
    options.settings().forEach((key, value) -> System.setProperty("entrepot." + key, value));
    ConsoleLog log = ConsoleLog.start(() -> binding || announcements.failure().isPresent());
    War war = War.running();
    Scratch scratch = scratch();
    try {
      serve(tomcat(scratch, war), scratch, log);
    } catch (LaunchException | LifecycleException e) {
      scratch.delete();
      throw e;
    }
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
      Path application = scratch.unpack(war.file());
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

  /** Takes the hook away, unless a signal has come and it runs already. */
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
        log.started(); // nobody has said why, so the log has to
      }
      throw new LaunchException(
          announcements.failure().orElse("the application has not started; the log says why"));
    }
    ListenAddress address =
        announcements
            .address()
            .map(ListenAddress::of)
            .orElseThrow(() -> new LaunchException("the application has not said where to listen"));
    binding = true;
    Optional<CertificateFiles> certificate = announcements.certificate();
    int port = tomcat.listen(address, certificate);
    binding = false;
    log.started();
    String upstream = announcements.upstream().map(url -> " (upstream " + url + ")").orElse("");
    if (!stopping) {
      out.printf(
          "Entrepot %s serves %s/v2/%s%n",
          War.version(), address.url(certificate.isPresent() ? "https" : "http", port), upstream);
    }
  }

  /**
   * Runs as a shutdown hook, so it ends the JVM itself: else the exit code would be the signal's.
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
      err.println("Entrepot has not stopped in time and is ended");
    }
    out.flush();
    err.flush();
    Runtime.getRuntime().halt(stop.isAlive() ? 1 : 0);
  }

  private void stop(EmbeddedTomcat tomcat, Scratch scratch) {
    try {
      tomcat.stop(announcements.drainTimeout());
    } catch (LifecycleException e) {
      err.println("Entrepot has not stopped cleanly: " + e.getMessage());
    } finally {
      scratch.delete();
    }
  }
}
