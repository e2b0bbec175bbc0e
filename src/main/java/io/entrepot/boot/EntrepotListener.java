package io.entrepot.boot;

import io.entrepot.admin.UiServlet;
import io.entrepot.config.Address;
import io.entrepot.config.ConfigurationException;
import io.entrepot.config.JndiLookup;
import io.entrepot.config.SettingSources;
import io.entrepot.config.Settings;
import io.entrepot.http.ClientLimit;
import io.entrepot.http.FillsServlet;
import io.entrepot.http.PathFilter;
import io.entrepot.http.PortFilter;
import io.entrepot.http.ProviderServlet;
import io.entrepot.http.StrictTransport;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextAttributeEvent;
import jakarta.servlet.ServletContextAttributeListener;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletRegistration;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.glassfish.jersey.servlet.ServletContainer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servlet context listener: deploys and undeploys the application. It reads the configuration,
 * wires a cache and registers its servlets. If the configuration is wrong, the deployment fails,
 * and the message lists all errors.
 */
public final class EntrepotListener
    implements ServletContextListener, ServletContextAttributeListener {
  // Attributes for the launcher of the executable WAR, which cannot load classes of the
  // application.
  private static final String ADDRESS = "io.entrepot.http.addr";
  private static final String HSTS = "io.entrepot.http.hsts";
  private static final String DRAIN_TIMEOUT = "io.entrepot.http.draintimeout";
  private static final String ADMIN_ADDRESS = "io.entrepot.http.adminaddr";
  private static final String NODE_ADDRESS = "io.entrepot.cluster.address";
  private static final String TLS_CERTIFICATE = "io.entrepot.http.tls.certificate";
  private static final String TLS_KEY = "io.entrepot.http.tls.key";
  private static final String CLIENT_CA = "io.entrepot.auth.tls.clientca";
  private static final String UPSTREAM = "io.entrepot.upstream";
  private static final String MAX_CONNECTIONS = "io.entrepot.http.maxconnections";
  private static final String FAILURE = "io.entrepot.failure";
  private static final String FOUND = "io.entrepot.found";

  /** A parameter of the context: the launcher wants only to know whether it could start. */
  private static final String CHECK = "io.entrepot.check";

  private static final String LOG_FORMAT = "io.entrepot.log.format";
  private static final String LOG_LEVEL = "io.entrepot.log.level";

  /** Set by the launcher when it begins to wait for unfinished responses. */
  private static final String STOPPING = "io.entrepot.stopping";

  /** The servlets for people who look after this cache. */
  private static final String[] ADMIN = {"metrics", "api", "events", "ui", "session", "providers"};

  /** Those that show something of this cache. The pages show nothing without the others. */
  private static final String[] SHOWING = {"metrics", "api", "events"};

  private static final Logger log = LoggerFactory.getLogger(EntrepotListener.class);

  private volatile @Nullable Entrepot entrepot;
  private Optional<ManagedName> managed = Optional.empty();

  @Override
  public void contextInitialized(ServletContextEvent event) {
    ServletContext context = event.getServletContext();
    try {
      Supplier<Settings> reading = () -> Settings.read(SettingSources.ofThisProcess());
      if (context.getInitParameter(CHECK) != null) {
        List<String> found = new StartCheck(reading.get(), reading, Clock.systemUTC()).run();
        context.setAttribute(FOUND, String.join("\n", found));
        return;
      }
      deploy(context, reading, name -> JndiLookup.ofThisProcess().find(name), Clock.systemUTC());
    } catch (ConfigurationException | StartException e) {
      context.setAttribute(FAILURE, e.getMessage());
      close();
      throw e;
    } catch (RuntimeException e) {
      context.setAttribute(FAILURE, "the application failed to start: " + e);
      close();
      throw e;
    }
  }

  /** The endpoint of {@code java -jar} keeps no more connections than its heap can hold. */
  private static int bearable(ServletContext context) {
    return RealmSetup.isExecutable(context)
        ? ClientLimit.MOST
        : ClientLimit.ofHeap(Runtime.getRuntime().maxMemory());
  }

  /** Wires a cache from its settings and registers its servlets. */
  void deploy(ServletContext context, Supplier<Settings> reading, Naming naming, Clock clock) {
    Settings settings = reading.get();
    Settings.Log how = settings.resources().log();
    context.setAttribute(LOG_FORMAT, how.format().name());
    context.setAttribute(LOG_LEVEL, how.level().name());
    settings.warnings().forEach(log::warn);
    Entrepot running = new Entrepot(settings, reading, naming, clock);
    entrepot = running;
    running.realmGroups().ifPresent(groups -> RealmSetup.prepare(context, groups));
    EdgeParts edge = running.edge();
    EdgeParts.Servlets registry = edge.registry(bearable(context));
    registry
        .tokens()
        .ifPresent(tokens -> register(context, "tokens", tokens, "/v2/token", "/v2/token/jwks"));
    register(context, "registry", registry.registry(), "/v2/*", "/")
        .setLoadOnStartup(1); // servers call destroy() only on servlets that they have initialised
    register(context, "metrics", running.metrics(), "/metrics");
    // Jersey needs a fifth of the start-up time. So it is initialised at its first request.
    register(context, "api", new ServletContainer(running.admin().application()), "/api/*");
    register(context, "events", registry.events(), "/api/events");
    register(context, "session", edge.sessions(), "/api/session");
    edge.providers()
        .ifPresent(
            providers ->
                register(
                    context,
                    "providers",
                    providers,
                    ProviderServlet.LOGIN,
                    ProviderServlet.CALLBACK));
    register(context, "ui", new UiServlet(), "/ui/*");
    registry.fills().ifPresent(fills -> register(context, "fills", fills, FillsServlet.PATH + "*"));
    strictTransport(context, settings.http().hsts());
    settings.http().admin().ifPresent(admin -> separate(context, admin));
    settings.cluster().ifPresent(cluster -> separate(context, cluster, settings.http().address()));
    filter(context, "paths", new PathFilter(), others(context, Set.of("registry")));
    filter(context, "limit", edge.adminLimit(), present(context, ADMIN));
    filter(context, "access", edge.adminAccess(), SHOWING);
    running.start();
    managed =
        ManagedName.register(
            ManagementFactory.getPlatformMBeanServer(), context, running.admin().bean());
    running.inBackground(new AllClasses(context));
    context.setAttribute(DRAIN_TIMEOUT, settings.http().drainTimeout().toString());
    settings
        .http()
        .tls()
        .ifPresent(
            tls -> {
              context.setAttribute(TLS_CERTIFICATE, tls.certificate().toString());
              context.setAttribute(TLS_KEY, tls.key().toString());
            });
    settings
        .http()
        .admin()
        .flatMap(Settings.Admin::address)
        .ifPresent(address -> context.setAttribute(ADMIN_ADDRESS, address.toString()));
    settings
        .protection()
        .flatMap(protection -> protection.tokens().foreign().certificates())
        .ifPresent(tls -> context.setAttribute(CLIENT_CA, tls.file().toString()));
    context.setAttribute(MAX_CONNECTIONS, edge.maxConnections());
    context.setAttribute(UPSTREAM, settings.proxy().url().toString());
    context.setAttribute(ADDRESS, settings.http().address().toString());
    running.hiddenNames().ifPresent(log::info);
    log.info(
        "Entrepot caches {} in {}",
        settings.upstreams().all().stream()
            .map(upstream -> upstream.url().toString())
            .collect(Collectors.joining(", ")),
        settings.storage().rootDirectory());
  }

  private static ServletRegistration.Dynamic register(
      ServletContext context, String name, Servlet servlet, String... paths) {
    ServletRegistration.Dynamic registration = context.addServlet(name, servlet);
    if (registration == null) {
      throw new StartException(
          "cannot register the servlet "
              + name
              + ": the application already has one with this name");
    }
    registration.setAsyncSupported(true);
    Set<String> taken = registration.addMapping(paths);
    if (!taken.isEmpty()) {
      throw new StartException(
          "cannot register the servlet " + name + ": another servlet is mapped to " + taken);
    }
    return registration;
  }

  /** Keeps the administrative API, and what servers add, at a port of its own. */
  private static void separate(ServletContext context, Settings.Admin admin) {
    Set<String> registry = Set.of("registry", "tokens", "fills");
    filter(context, "admin-port", new PortFilter(admin.port(), true), others(context, registry));
    filter(
        context,
        "registry-port",
        new PortFilter(admin.port(), false),
        context.getServletRegistrations().keySet().stream()
            .filter(registry::contains)
            .toArray(String[]::new));
  }

  /**
   * Lets the launcher listen for other nodes at a port of its own, where there is nothing else.
   * Other servers have the ports that their operators give them.
   */
  private static void separate(ServletContext context, Settings.Cluster cluster, Address registry) {
    int port = cluster.port();
    if (RealmSetup.isExecutable(context) && port != registry.port()) {
      filter(context, "node-port", new PortFilter(port, true), "fills");
      filter(context, "other-ports", new PortFilter(port, false), others(context, Set.of("fills")));
      context.setAttribute(NODE_ADDRESS, cluster.address().toString());
    }
  }

  /** The servlets besides some, also those that the server has added, such as Tomcat's for JSP. */
  private static String[] others(ServletContext context, Set<String> servlets) {
    return context.getServletRegistrations().keySet().stream()
        .filter(name -> !servlets.contains(name))
        .toArray(String[]::new);
  }

  private static String[] present(ServletContext context, String... servlets) {
    Set<String> all = context.getServletRegistrations().keySet();
    return Stream.of(servlets).filter(all::contains).toArray(String[]::new);
  }

  /** Without the setting there is no filter, which would cost each pull a little. */
  private static void strictTransport(ServletContext context, Duration maxAge) {
    if (!maxAge.isZero()) {
      filter(context, "hsts", new StrictTransport(maxAge), others(context, Set.of()));
      context.setAttribute(HSTS, StrictTransport.value(maxAge));
    }
  }

  private static void filter(
      ServletContext context, String name, Filter filter, String... servlets) {
    FilterRegistration.Dynamic registration = context.addFilter(name, filter);
    if (registration == null) {
      throw new StartException(
          "cannot register the filter "
              + name
              + ": the application already has one with this name");
    }
    registration.setAsyncSupported(true);
    registration.addMappingForServletNames(EnumSet.of(DispatcherType.REQUEST), true, servlets);
  }

  @Override
  public void attributeAdded(ServletContextAttributeEvent event) {
    Entrepot running = entrepot;
    if (event.getName().equals(STOPPING) && running != null) {
      running.shut();
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    close();
    JvmTraces.remove();
  }

  void close() {
    managed.ifPresent(ManagedName::close);
    managed = Optional.empty();
    Entrepot running = entrepot;
    entrepot = null;
    if (running != null) {
      // Most servers have destroyed the servlets before; then this returns at once.
      running.drain();
      running.close();
    }
  }
}
