package io.entrepot.launch;

import java.net.InetAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.core.StandardService;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.modeler.Registry;
import org.apache.tomcat.util.scan.StandardJarScanner;

/**
 * A Tomcat with one application. It listens only once that is deployed, so that no client meets a
 * half-started registry. Its methods are called in the order in which they stand; {@link #stop} at
 * any time and from any thread.
 */
final class EmbeddedTomcat {
  private final Tomcat tomcat;
  private final StandardContext context;

  /**
   * Prepares a Tomcat.
   *
   * @param base an existing folder for its own files
   * @param application the unpacked WAR
   * @param announcements hears what the application announces
   */
  EmbeddedTomcat(Path base, Path application, Announcements announcements) {
    // Reading the descriptions of Tomcat's own MBeans takes an eighth of the start.
    Registry.disableRegistry();
    tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    tomcat.enableNaming();
    // No default servlet: it would serve the classes at the WAR's root to anyone.
    tomcat.setAddDefaultWebXmlToWebapp(false);
    StandardHost host = (StandardHost) tomcat.getHost();
    host.setAutoDeploy(false);
    host.setDeployOnStartup(false);
    host.setUnpackWARs(false);
    host.getPipeline().addValve(errorsWithoutDetails());
    context = (StandardContext) tomcat.addWebapp("", application.toString());
    context.setParentClassLoader(EmbeddedTomcat.class.getClassLoader());
    context.setJarScanner(noScan());
    context.addApplicationEventListener(announcements);
  }

  /** Starts the application and returns whether it has started. */
  boolean deploy() throws LifecycleException {
    tomcat.start();
    return context.getState().isAvailable();
  }

  /**
   * Begins to listen.
   *
   * @param certificate to speak TLS and HTTP/2 with; it is taken anew when its files change
   * @return the port, which is another than {@code address}'s if that is 0
   */
  int listen(ListenAddress address, Optional<CertificateFiles> certificate) throws LaunchException {
    DrainingProtocol protocol = protocol(address);
    certificate.ifPresent(files -> speakTls(protocol, files));
    Connector connector = new Connector(protocol);
    if (certificate.isPresent()) {
      connector.setScheme("https");
      connector.setSecure(true);
    }
    connector.setThrowOnFailure(true);
    try {
      tomcat.getService().addConnector(connector);
    } catch (IllegalArgumentException e) {
      throw new LaunchException("http.addr: cannot listen on %s: %s".formatted(address, reason(e)));
    }
    certificate.ifPresent(files -> watch(files, protocol));
    return protocol.getLocalPort();
  }

  private static void speakTls(DrainingProtocol protocol, CertificateFiles files) {
    protocol.setSSLEnabled(true);
    // Under TLS a copy loop is faster; so the application knows of every response under way.
    protocol.setUseSendfile(false);
    protocol.addSslHostConfig(files.hostConfig());
    Http2Protocol http2 = new Http2Protocol();
    http2.setReadTimeout(20_000);
    http2.setWriteTimeout(20_000);
    http2.setKeepAliveTimeout(60_000);
    protocol.addUpgradeProtocol(http2);
  }

  private void watch(CertificateFiles files, DrainingProtocol protocol) {
    var unused =
        tomcat
            .getServer()
            .getUtilityExecutor()
            .scheduleWithFixedDelay(new CertificateWatch(files, protocol), 1, 1, TimeUnit.SECONDS);
  }

  /** Returns when {@link #stop} is called. */
  void await() {
    tomcat.getServer().await();
  }

  /**
   * Stops listening, waits for responses under way and undeploys the application.
   *
   * @param drainTimeout the longest wait for responses
   */
  void stop(Duration drainTimeout) throws LifecycleException {
    if (context.getState().isAvailable()) {
      context.getServletContext().setAttribute(Announcements.STOPPING, "true");
    }
    ((StandardService) tomcat.getService()).setGracefulStopAwaitMillis(drainTimeout.toMillis());
    tomcat.stop();
    tomcat.destroy();
  }

  private static DrainingProtocol protocol(ListenAddress address) throws LaunchException {
    DrainingProtocol protocol = new DrainingProtocol();
    if (!address.host().isEmpty()) {
      try {
        protocol.setAddress(InetAddress.getByName(address.host()));
      } catch (UnknownHostException e) {
        throw new LaunchException(
            "http.addr: cannot listen on %s: there is no such host".formatted(address));
      }
    }
    protocol.setPort(address.port());
    // Only a socket bound at the start is closed before the wait for responses under way.
    protocol.setProperty("bindOnInit", "false");
    // Holds the largest piece of a pump and a head, so that both are sent in one go.
    protocol.setProperty("socket.appWriteBufSize", String.valueOf(68 << 10));
    // Outside the heap, where each is copied anyway before it is sent.
    protocol.setProperty("socket.directBuffer", "true");
    protocol.setUseSendfile(true);
    protocol.setConnectionTimeout(20_000);
    protocol.setKeepAliveTimeout(60_000);
    protocol.setMaxKeepAliveRequests(10_000);
    protocol.setMaxThreads(200);
    protocol.setMaxConnections(ConnectionLimit.ofThisProcess());
    return protocol;
  }

  private static ErrorReportValve errorsWithoutDetails() {
    ErrorReportValve valve = new ErrorReportValve();
    valve.setShowReport(false);
    valve.setShowServerInfo(false);
    return valve;
  }

  /** Finds nothing, fast: web.xml says all there is. */
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
