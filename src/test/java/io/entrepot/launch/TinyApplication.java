package io.entrepot.launch;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Logger;

/**
 * The application in the WAR of {@link LauncherTest}. It reads settings like the real one. It
 * answers {@code /v2/} at once, {@code /v2/late} by a class that nobody has loaded before, {@code
 * /v2/wait} and {@code /v2/async} when a file appears, and {@code /v2/sendfile} by Tomcat's
 * sendfile.
 */
public final class TinyApplication extends HttpServlet implements ServletContextListener {
  static final int SENDFILE_BYTES = 64 << 20;
  private static final long serialVersionUID = 1;
  private static final Logger LOG = Logger.getLogger("io.entrepot.tiny");

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    LOG.info("initialized");
    Logger.getLogger("org.example").info("hidden");
    if ("bad".equals(System.getProperty("entrepot.proxy.ttl"))) {
      context.setAttribute("io.entrepot.failure", "proxy.ttl: bad\nproxy.expire: bad too");
      throw new IllegalStateException("this trace is not for people");
    }
    if (context.getInitParameter("io.entrepot.check") != null) {
      context.setAttribute("io.entrepot.found", "upstream x: answers\nfolder y: can be written");
      return;
    }
    if (System.getProperty("tiny.bug") != null) {
      throw new IllegalStateException("this trace is needed");
    }
    if (System.getProperty("entrepot.log.format") != null) {
      context.setAttribute("io.entrepot.log.format", "JSON");
      context.setAttribute("io.entrepot.log.level", System.getProperty("entrepot.log.level"));
      LOG.warning("a \"warning\"");
    }
    context.setAttribute(
        "io.entrepot.http.addr", System.getProperty("entrepot.http.addr", "127.0.0.1:0"));
    for (String name :
        List.of("http.adminaddr", "http.tls.certificate", "http.tls.key", "auth.tls.clientca")) {
      String value = System.getProperty("entrepot." + name);
      if (value != null) {
        context.setAttribute("io.entrepot." + name, value);
      }
    }
    context.setAttribute("io.entrepot.upstream", System.getProperty("entrepot.proxy.remoteurl"));
    context.setAttribute("io.entrepot.http.draintimeout", System.getProperty("tiny.drain", "PT1M"));
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    LOG.info("destroyed");
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    switch (String.valueOf(request.getPathInfo())) {
      case "/" -> response.getOutputStream().print("{}");
      case "/wait" -> finish(response);
      case "/async" -> {
        AsyncContext async = request.startAsync();
        async.setTimeout(0);
        Thread thread = new Thread(() -> finish(async), "tiny");
        thread.setDaemon(true);
        thread.start();
      }
      case "/port" -> response.getOutputStream().print(request.getLocalPort());
      case "/who" -> response.getOutputStream().print(who(request));
      case "/late" -> response.getOutputStream().print(Late.ownBytes());
      case "/sendfile" -> sendfile(request, response);
      default -> response.sendError(404);
    }
  }

  /** The name in the certificate that the client has shown. */
  private static String who(HttpServletRequest request) {
    Object shown = request.getAttribute("jakarta.servlet.request.X509Certificate");
    return shown instanceof X509Certificate[] chain
        ? chain[0].getSubjectX500Principal().getName()
        : "nobody";
  }

  /** Is loaded at its first use. */
  private static final class Late {
    /** How many bytes its class has, read as a {@link java.util.ServiceLoader} reads a file. */
    static int ownBytes() throws IOException {
      String name = Late.class.getName().replace('.', '/') + ".class";
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      URLConnection connection = loader.getResources(name).nextElement().openConnection();
      connection.setUseCaches(false);
      try (InputStream in = connection.getInputStream()) {
        return in.readAllBytes().length;
      }
    }
  }

  private static void finish(AsyncContext async) {
    try {
      finish((HttpServletResponse) async.getResponse());
    } catch (IOException e) {
      LOG.warning(e.toString());
    } finally {
      async.complete();
    }
  }

  private static void finish(HttpServletResponse response) throws IOException {
    response.setContentLength(2);
    OutputStream out = response.getOutputStream();
    out.write('a');
    out.flush();
    Path release = Path.of(System.getProperty("tiny.release"));
    while (!Files.exists(release)) {
      LockSupport.parkNanos(10_000_000);
    }
    out.write('b');
  }

  private static void sendfile(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (request.getAttribute("org.apache.tomcat.sendfile.support") != Boolean.TRUE) {
      response.sendError(500, "no sendfile");
      return;
    }
    Path file = Path.of(System.getProperty("tiny.file"));
    response.setContentLengthLong(SENDFILE_BYTES);
    request.setAttribute("org.apache.tomcat.sendfile.filename", file.toRealPath().toString());
    request.setAttribute("org.apache.tomcat.sendfile.start", 0L);
    request.setAttribute("org.apache.tomcat.sendfile.end", (long) SENDFILE_BYTES);
  }
}
