package io.entrepot.boot;

import io.entrepot.config.JndiLookup;
import io.entrepot.config.SettingSources;
import io.entrepot.config.Settings;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.IntrospectionUtils;

/** A whole cache in an embedded Tomcat, and a client to talk to it. */
public final class TestServer implements AutoCloseable {
  static {
    Logger.getLogger("org.apache").setLevel(Level.WARNING);
    Logger.getLogger("io.entrepot.access").setLevel(Level.WARNING);
  }

  private final Tomcat tomcat = new Tomcat();
  private final EntrepotListener listener = new EntrepotListener();
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(30)).build();

  private TestServer(
      Path folder,
      Supplier<Settings> settings,
      Naming naming,
      Clock clock,
      Map<String, String> connector,
      int adminPort)
      throws IOException, LifecycleException {
    tomcat.setBaseDir(Files.createDirectories(folder.resolve("tomcat")).toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    connector.forEach(
        (name, value) -> IntrospectionUtils.setProperty(tomcat.getConnector(), name, value));
    if (adminPort > 0) {
      Connector second = new Connector();
      second.setPort(adminPort);
      second.setProperty("address", "127.0.0.1");
      tomcat.getService().addConnector(second);
    }
    Context context = tomcat.addContext("", Path.of("src/main/webapp").toAbsolutePath().toString());
    context.addServletContainerInitializer(
        (classes, servletContext) -> {
          listener.deploy(servletContext, settings, naming, clock);
          servletContext.addListener(
              new ServletContextListener() {
                @Override
                public void contextDestroyed(ServletContextEvent event) {
                  listener.close(); // not more: drivers of this class loader stay for other tests
                }
              });
        },
        null);
    tomcat.start();
  }

  /** The settings of a server. */
  public static final class Builder {
    private final Map<String, String> settings = new HashMap<>();
    private final Path folder;
    private Clock clock = Clock.systemUTC();
    private final Map<String, String> connector = new HashMap<>();
    private Naming naming = name -> Optional.empty();
    private int adminPort;

    public Builder(Path folder, URI upstream) {
      this.folder = folder;
      set("proxy.remoteurl", upstream.toString());
      set("storage.filesystem.rootdirectory", folder.resolve("data").toString());
      set("storage.reserve", "0");
      set("http.draintimeout", "100ms"); // many tests end while a client is held
      // Tests count the requests to the upstream that a client causes. How many connections fetch
      // a blob depends on the time that it takes.
      set("proxy.eager", "none");
      set("proxy.parallel", "1");
    }

    public Builder set(String key, String value) {
      settings.put("entrepot." + key, value);
      return this;
    }

    public Builder clock(Clock other) {
      clock = other;
      return this;
    }

    /** Binds a database in JNDI, which is used instead of the embedded one. */
    public Builder database(DataSource dataSource) {
      naming = name -> name.equals("jdbc/entrepot") ? Optional.of(dataSource) : Optional.empty();
      return this;
    }

    public Builder withoutSendfile() {
      return connector("useSendfile", "false");
    }

    /** Sets a property of Tomcat's connector. */
    public Builder connector(String name, String value) {
      connector.put(name, value);
      return this;
    }

    /** Has a second connector, for the administrative API alone. */
    public Builder adminPort(int port) {
      adminPort = port;
      return set("http.adminport", String.valueOf(port));
    }

    public TestServer start() {
      try {
        return new TestServer(folder, reading(), naming, clock, connector, adminPort);
      } catch (IOException | LifecycleException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Wires a cache without a server around it. */
    public Entrepot wire() {
      return new Entrepot(reading().get(), reading(), naming, clock);
    }

    /** Reads what has been set, also what is set later. */
    private Supplier<Settings> reading() {
      settings.put("user.home", folder.toString());
      try {
        JndiLookup nothing = new JndiLookup(new InitialContext());
        return () -> Settings.read(new SettingSources(nothing, settings, Map.of(), ""));
      } catch (NamingException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  /** The paths to which servlets are mapped. */
  public Set<String> mappings() {
    Context context = (Context) tomcat.getHost().findChildren()[0];
    return new TreeSet<>(List.of(context.findServletMappings()));
  }

  public int port() {
    return tomcat.getConnector().getLocalPort();
  }

  public HttpResponse<byte[]> get(String path, String... headers) {
    return send("GET", path, headers);
  }

  /** As {@link #get}, but by another name of this machine. */
  public HttpResponse<byte[]> getFrom(String host, String path, String... headers) {
    return send(URI.create("http://" + host + ":" + port() + path), "GET", headers);
  }

  public HttpResponse<byte[]> head(String path, String... headers) {
    return send("HEAD", path, headers);
  }

  public HttpResponse<byte[]> send(String method, String path, String... headers) {
    return send(uri(path), method, headers);
  }

  private HttpResponse<byte[]> send(URI uri, String method, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(60))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public String stats() {
    return new String(get("/api/stats").body(), StandardCharsets.UTF_8);
  }

  public HttpClient client() {
    return client;
  }

  @Override
  public void close() {
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException e) {
      throw new IllegalStateException(e);
    } finally {
      listener.close();
    }
  }
}
