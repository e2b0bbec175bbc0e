package io.entrepot.launch;

import jakarta.servlet.ServletContextAttributeEvent;
import jakarta.servlet.ServletContextAttributeListener;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/**
 * The attributes that the application sets in its servlet context for the launcher. This listener
 * copies each attribute when it is set, because a context that fails to start loses its attributes.
 * Thread-safe.
 */
final class Announcements implements ServletContextAttributeListener {
  /** The address to listen on, {@code host:port}. The application must set it. */
  private static final String ADDRESS = "io.entrepot.http.addr";

  /** How long a stop waits for unfinished responses, an ISO-8601 duration. */
  private static final String DRAIN_TIMEOUT = "io.entrepot.http.draintimeout";

  /**
   * The certificate file, an absolute path. Set together with the key file, or not at all for plain
   * http.
   */
  private static final String TLS_CERTIFICATE = "io.entrepot.http.tls.certificate";

  private static final String TLS_KEY = "io.entrepot.http.tls.key";

  /** The value of {@code Strict-Transport-Security}, or nothing. */
  private static final String HSTS = "io.entrepot.http.hsts";

  /** The file with the authorities of client certificates, an absolute path; or not set. */
  private static final String CLIENT_CA = "io.entrepot.auth.tls.clientca";

  /**
   * The address of the administrative API, {@code host:port}; not set if it has none of its own.
   */
  private static final String ADMIN_ADDRESS = "io.entrepot.http.adminaddr";

  /** The URL by which other nodes reach this one, at a port of their own; or not set. */
  private static final String NODE_ADDRESS = "io.entrepot.cluster.address";

  /** The URL of the upstream. The line that is printed after the start contains it. */
  private static final String UPSTREAM = "io.entrepot.upstream";

  /** Why the application did not start, one or more lines. Set before its listener throws. */
  private static final String FAILURE = "io.entrepot.failure";

  /** What a check has found, one or more lines; not set if the application serves. */
  private static final String FOUND = "io.entrepot.found";

  /** How the log is written, {@code TEXT} or {@code JSON}. */
  private static final String LOG_FORMAT = "io.entrepot.log.format";

  /** The least level that is logged, {@code DEBUG}, {@code INFO}, {@code WARN} or {@code ERROR}. */
  private static final String LOG_LEVEL = "io.entrepot.log.level";

  /** The only attribute that the launcher sets: the wait for unfinished responses has begun. */
  static final String STOPPING = "io.entrepot.stopping";

  private static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(10);

  /** How many connections an address may have, a {@code ToIntFunction<InetAddress>}; 0: any. */
  private static final String MAX_CONNECTIONS = "io.entrepot.http.maxconnections";

  private volatile ToIntFunction<InetAddress> maxConnections = address -> 0;
  private final Map<String, String> attributes = new ConcurrentHashMap<>();
  private volatile Optional<ConsoleLog> log = Optional.empty();

  /** Sets the log that is told how to write, before the application logs anything. */
  void tell(ConsoleLog told) {
    log = Optional.of(told);
  }

  @Override
  @SuppressWarnings("unchecked") // the application sets it, with this type
  public void attributeAdded(ServletContextAttributeEvent event) {
    if (event.getName().equals(MAX_CONNECTIONS)) {
      maxConnections = (ToIntFunction<InetAddress>) event.getValue();
    }
    if (event.getValue() instanceof String text) {
      attributes.put(event.getName(), text);
      switch (event.getName()) {
        case LOG_FORMAT -> log.ifPresent(told -> told.format(text));
        case LOG_LEVEL -> log.ifPresent(told -> told.level(text));
        default -> {}
      }
    }
  }

  @Override
  public void attributeReplaced(ServletContextAttributeEvent event) {
    // The event holds the old value.
    if (event.getServletContext().getAttribute(event.getName()) instanceof String text) {
      attributes.put(event.getName(), text);
    }
  }

  Optional<String> address() {
    return Optional.ofNullable(attributes.get(ADDRESS));
  }

  Optional<String> adminAddress() {
    return Optional.ofNullable(attributes.get(ADMIN_ADDRESS));
  }

  Optional<URI> nodeAddress() {
    return Optional.ofNullable(attributes.get(NODE_ADDRESS)).map(URI::create);
  }

  Optional<CertificateFiles> certificate() {
    Optional<Path> clients = file(CLIENT_CA);
    return file(TLS_CERTIFICATE)
        .flatMap(
            certificate ->
                file(TLS_KEY).map(key -> new CertificateFiles(certificate, key, clients)));
  }

  private Optional<Path> file(String attribute) {
    return Optional.ofNullable(attributes.get(attribute)).map(Path::of);
  }

  /** How many connections a client address may have; 0 for no limit. */
  ToIntFunction<InetAddress> maxConnections() {
    return maxConnections;
  }

  /** What the server's own errors say of TLS to browsers. */
  Optional<String> strictTransport() {
    return Optional.ofNullable(attributes.get(HSTS));
  }

  Optional<String> upstream() {
    return Optional.ofNullable(attributes.get(UPSTREAM));
  }

  Optional<String> failure() {
    return Optional.ofNullable(attributes.get(FAILURE));
  }

  Optional<String> found() {
    return Optional.ofNullable(attributes.get(FOUND));
  }

  Duration drainTimeout() {
    return Optional.ofNullable(attributes.get(DRAIN_TIMEOUT))
        .map(Duration::parse)
        .orElse(DEFAULT_DRAIN_TIMEOUT);
  }
}
