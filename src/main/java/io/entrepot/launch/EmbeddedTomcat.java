package io.entrepot.launch;

import io.entrepot.launch.errors.TomcatErrors;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.core.StandardService;
import org.apache.catalina.loader.WebappLoader;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.modeler.Registry;
import org.apache.tomcat.util.scan.StandardJarScanner;

/**
 * A Tomcat with one application. It begins to listen after the application has started, so that no
 * client reaches a registry that is not ready. Call the methods in the order in which they stand
 * here. {@link #stop} may be called at any time and from any thread.
 */
final class EmbeddedTomcat {
  private final Tomcat tomcat;
  private final StandardContext context;
  private final Announcements announcements;

  /**
   * Prepares a Tomcat.
   *
   * @param base an existing folder for Tomcat's own files
   * @param application the unpacked WAR
   * @param announcements receives the attributes that the application sets
   */
  EmbeddedTomcat(Path base, UnpackedWar application, Announcements announcements) {
    // Tomcat reads the descriptions of its MBeans at the start. That takes an eighth of the time.
    Registry.disableRegistry();
    this.announcements = announcements;
    tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    tomcat.enableNaming();
    // No default servlet: it would let anyone download the classes at the root of the WAR.
    tomcat.setAddDefaultWebXmlToWebapp(false);
    StandardHost host = (StandardHost) tomcat.getHost();
    host.setAutoDeploy(false);
    host.setDeployOnStartup(false);
    host.setUnpackWARs(false);
    host.setErrorReportValveClass(TomcatErrors.class.getName());
    context = (StandardContext) tomcat.addWebapp("", application.folder().toString());
    context.setResources(new HeldResources(application.classes()));
    ClassLoader parent = EmbeddedTomcat.class.getClassLoader();
    context.setParentClassLoader(parent);
    WebappLoader loader = new WebappLoader();
    loader.setLoaderInstance(new HeldClassLoader(parent));
    context.setLoader(loader);
    context.setJarScanner(noScan());
    context.addApplicationEventListener(announcements);
    context.addParameter("io.entrepot.executable", "true");
  }

  /**
   * The application shall only look whether it could start. To be called before {@link #deploy}.
   */
  void onlyCheck() {
    context.addParameter("io.entrepot.check", "true");
  }

  /** Starts the application and returns whether it has started. */
  boolean deploy() throws LifecycleException {
    tomcat.start();
    return context.getState().isAvailable();
  }

  /**
   * Where to listen.
   *
   * @param setting the setting that has the address, for messages
   * @param maxConnections how many clients may be connected at once
   */
  record Place(String setting, ListenAddress address, int maxConnections) {
    /** For clients of the registry. */
    static Place ofClients(ListenAddress address) {
      return new Place("http.addr", address, ConnectionLimit.ofThisProcess());
    }

    /** For other nodes. They read at most 256 fills. */
    static Place ofNodes(ListenAddress address) {
      return new Place("cluster.address", address, 512);
    }

    /** For the administrative API. It answers sixteen requests at once. */
    static Place ofOperators(ListenAddress address) {
      return new Place("http.adminaddr", address, 64);
    }
  }

  /**
   * Begins to listen. May be called for several places.
   *
   * @param certificate the files for TLS and HTTP/2, read again when they change; empty for plain
   *     HTTP
   * @return the port; if that of the address is 0, the operating system has chosen one
   * @throws LaunchException if the address cannot be used
   */
  int listen(Place place, Optional<CertificateFiles> certificate) throws LaunchException {
    DrainingProtocol protocol = protocol(place);
    protocol.limitAddresses(announcements.maxConnections());
    if (certificate.isPresent()) {
      speakTls(protocol, certificate.get());
    }
    Connector connector = new Connector(protocol);
    if (certificate.isPresent()) {
      connector.setScheme("https");
      connector.setSecure(true);
    }
    announcements.strictTransport().ifPresent(this::sayStrictTransport);
    connector.setThrowOnFailure(true);
    try {
      tomcat.getService().addConnector(connector);
    } catch (IllegalArgumentException e) {
      throw new LaunchException(
          "%s: cannot listen on %s: %s".formatted(place.setting(), place.address(), reason(e)));
    }
    certificate.ifPresent(files -> everySecond(new CertificateWatch(files, protocol)));
    return protocol.getLocalPort();
  }

  private static void speakTls(DrainingProtocol protocol, CertificateFiles files)
      throws LaunchException {
    protocol.setSSLEnabled(true);
    // Under TLS a copy loop is faster. The application then also knows of every unfinished
    // response.
    protocol.setUseSendfile(false);
    try {
      protocol.addSslHostConfig(files.hostConfig());
    } catch (GeneralSecurityException | IOException e) {
      throw new LaunchException("auth.tls.clientca: it cannot be used: " + e.getMessage());
    }
    Http2Protocol http2 = new Http2Protocol();
    http2.setReadTimeout(20_000);
    http2.setWriteTimeout(20_000);
    http2.setKeepAliveTimeout(60_000);
    protocol.addUpgradeProtocol(http2);
  }

  /** Tomcat has made the valve by the name of its class, so it must be found again. */
  private void sayStrictTransport(String value) {
    for (Valve valve : tomcat.getHost().getPipeline().getValves()) {
      if (valve instanceof TomcatErrors errors) {
        errors.setStrictTransport(value);
      }
    }
  }

  private void everySecond(Runnable task) {
    var unused =
        tomcat
            .getServer()
            .getUtilityExecutor()
            .scheduleWithFixedDelay(task, 1, 1, TimeUnit.SECONDS);
  }

  /** Returns when {@link #stop} is called. */
  void await() {
    tomcat.getServer().await();
  }

  /**
   * Stops listening, waits for unfinished responses and undeploys the application.
   *
   * @param drainTimeout how long to wait for responses at most
   */
  void stop(Duration drainTimeout) throws LifecycleException {
    if (context.getState().isAvailable()) {
      context.getServletContext().setAttribute(Announcements.STOPPING, "true");
    }
    ((StandardService) tomcat.getService()).setGracefulStopAwaitMillis(drainTimeout.toMillis());
    tomcat.stop();
    tomcat.destroy();
  }

  private static DrainingProtocol protocol(Place place) throws LaunchException {
    ListenAddress address = place.address();
    DrainingProtocol protocol = new DrainingProtocol();
    if (!address.host().isEmpty()) {
      try {
        protocol.setAddress(InetAddress.getByName(address.host()));
      } catch (UnknownHostException e) {
        throw new LaunchException(
            "%s: cannot listen on %s: there is no such host".formatted(place.setting(), address));
      }
    }
    protocol.setPort(address.port());
    // Tomcat then binds the socket in start(), not in init(). It closes only such a socket before
    // it waits for unfinished responses.
    protocol.setProperty("bindOnInit", "false");
    // Large enough for the headers and the largest chunk of a pump, so that one call sends both.
    protocol.setProperty("socket.appWriteBufSize", String.valueOf(68 << 10));
    // Buffers outside the heap. The JDK would copy a buffer of the heap before it sends it.
    protocol.setProperty("socket.directBuffer", "true");
    protocol.setUseSendfile(true);
    protocol.setConnectionTimeout(20_000);
    protocol.setKeepAliveTimeout(60_000);
    protocol.setMaxKeepAliveRequests(10_000);
    // A body that nobody wants is not read to its end: a thread would wait for each byte (S25).
    protocol.setMaxSwallowSize(0);
    protocol.setMaxThreads(200);
    protocol.setMaxConnections(place.maxConnections());
    return protocol;
  }

  /** A scanner that scans nothing and so costs no time: web.xml is complete. */
  private static StandardJarScanner noScan() {
    StandardJarScanner scanner = new StandardJarScanner();
    scanner.setScanClassPath(false);
    scanner.setScanManifest(false);
    scanner.setJarScanFilter((type, name) -> false);
    return scanner;
  }

  private static String reason(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketException) {
        return String.valueOf(cause.getMessage());
      }
    }
    return thrown.toString();
  }
}
