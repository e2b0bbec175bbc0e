package io.entrepot.upstream.wire;

import io.entrepot.upstream.Origin;
import java.io.IOException;
import java.net.PasswordAuthentication;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.auth.StandardAuthScheme;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.auth.BasicScheme;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A pool of connections and the HttpClient over it. All that HttpClient does by itself is switched
 * off: retries, redirects, cookies, decompression, authentication, protocol upgrades. Thread-safe.
 */
final class PooledClient implements AutoCloseable {
  /** In bytes. The longest lines are presigned URLs in a Location, of a few KiB. */
  private static final int MAX_LINE = 16 << 10;

  private static final int MAX_HEADERS = 128;

  /**
   * A connection unused for so long is checked first: servers close idle ones after 5 s or more.
   */
  private static final TimeValue VALIDATE_AFTER = TimeValue.ofSeconds(1);

  private static final TimeValue TIME_TO_LIVE = TimeValue.ofMinutes(5);

  private final PoolingHttpClientConnectionManager connections;
  private final CloseableHttpClient client;
  private final RequestConfig config;
  private final @Nullable OutboundProxy proxy;
  private final GuardedResolver resolver;
  private volatile boolean closed;

  /**
   * @param trusted origins besides the upstream's own that may see the client certificate
   */
  PooledClient(WireOptions options, Set<Origin> trusted) {
    this(options, trusted, resolver(options, trusted));
  }

  private PooledClient(WireOptions options, Set<Origin> trusted, GuardedResolver resolver) {
    this(options, trusted, resolver, new LiveAddresses(resolver, System::nanoTime));
  }

  /**
   * As above.
   *
   * @param resolver judges the hosts that a proxy resolves
   * @param addresses finds the addresses of all other hosts, by the same resolver
   */
  PooledClient(
      WireOptions options, Set<Origin> trusted, GuardedResolver resolver, LiveAddresses addresses) {
    this.resolver = resolver;
    proxy = options.proxy();
    connections = connections(options, trusted, addresses);
    config =
        RequestConfig.custom()
            .setRedirectsEnabled(false)
            .setAuthenticationEnabled(proxy != null && proxy.login() != null)
            .setProxyPreferredAuthSchemes(List.of(StandardAuthScheme.BASIC))
            .setContentCompressionEnabled(false)
            .setExpectContinueEnabled(false)
            .setProtocolUpgradeEnabled(false)
            .build();
    client =
        HttpClientBuilder.create()
            .setConnectionManager(connections)
            .setRequestExecutor(new HiddenPath())
            .setDefaultRequestConfig(config)
            .setTargetAuthenticationStrategy((type, challenges, context) -> List.of())
            .setRoutePlanner(new ProxyRoutes(proxy))
            .setUserAgent(options.userAgent())
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableContentCompression()
            .disableAuthCaching()
            .disableConnectionState()
            .build();
  }

  private static GuardedResolver resolver(WireOptions options, Set<Origin> trusted) {
    Set<Origin> configured = new HashSet<>(trusted);
    OutboundProxy proxy = options.proxy();
    if (proxy != null) {
      configured.add(new Origin("http", proxy.host(), proxy.port()));
    }
    return new GuardedResolver(
        SystemDefaultDnsResolver.INSTANCE, options.origin(), configured, options.redirects());
  }

  private static PoolingHttpClientConnectionManager connections(
      WireOptions options, Set<Origin> trusted, LiveAddresses addresses) {
    Timeouts timeouts = options.timeouts();
    Http1Config limits =
        Http1Config.custom().setMaxLineLength(MAX_LINE).setMaxHeaderCount(MAX_HEADERS).build();
    HttpConnectionFactory<UpstreamConnection> factory =
        socket -> {
          UpstreamConnection connection = new UpstreamConnection(limits, timeouts);
          if (socket != null) {
            connection.bind(socket);
          }
          return connection;
        };
    return new Connections(addresses)
        .setConnectionFactory(socket -> factory.createConnection(socket))
        .setTlsSocketStrategy(TlsContext.of(options, trusted))
        .setDefaultTlsConfig(
            TlsConfig.custom().setHandshakeTimeout(Timeout.of(timeouts.connect())).build())
        .setDefaultConnectionConfig(
            ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(timeouts.connect()))
                .setSocketTimeout(Timeout.of(timeouts.idle()))
                .setValidateAfterInactivity(VALIDATE_AFTER)
                .setTimeToLive(TIME_TO_LIVE)
                .build())
        .setConnPoolPolicy(PoolReusePolicy.LIFO)
        .setMaxConnTotal(options.maxConnections())
        .setMaxConnPerRoute(options.maxConnections())
        .build();
  }

  /** Makes connections whose addresses are watched. */
  private static final class Connections extends PoolingHttpClientConnectionManagerBuilder {
    private final LiveAddresses addresses;

    Connections(LiveAddresses addresses) {
      this.addresses = addresses;
    }

    @Override
    protected HttpClientConnectionOperator createConnectionOperator(
        SchemePortResolver ports, DnsResolver unused, TlsSocketStrategy tls) {
      Lookup<TlsSocketStrategy> strategies = scheme -> "https".equals(scheme) ? tls : null;
      return new DefaultHttpClientConnectionOperator(addresses, ports, addresses, strategies);
    }
  }

  RequestConfig config() {
    return config;
  }

  /** A new context for one request, so that no state goes from one request to the next. */
  HttpClientContext newContext() {
    HttpClientContext context = HttpClientContext.create();
    PasswordAuthentication login = proxy == null ? null : proxy.login();
    if (proxy != null && login != null) {
      BasicScheme basic = new BasicScheme();
      basic.initPreemptive(
          new UsernamePasswordCredentials(login.getUserName(), login.getPassword()));
      context.resetAuthExchange(new HttpHost(proxy.host(), proxy.port()), basic);
    }
    return context;
  }

  ClassicHttpResponse execute(HttpUriRequestBase request, HttpClientContext context)
      throws IOException {
    URIAuthority target = request.getAuthority();
    if (proxy != null && proxy.serves(target.getHostName())) {
      int port = DefaultSchemePortResolver.INSTANCE.resolve(request.getScheme(), target);
      resolver.checkUnresolved(target.getHostName(), port);
    }
    HiddenPath.hide(request, context);
    return client.executeOpen(null, request, context);
  }

  /** Closes all connections that are kept for later requests. */
  void closeIdle() {
    connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
  }

  /** How many connections are in use now. */
  int leased() {
    return connections.getTotalStats().getLeased();
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    connections.close(CloseMode.IMMEDIATE);
    client.close(CloseMode.IMMEDIATE);
  }

  /** Routes through the proxy to the hosts that it serves, and directly to all others. */
  private static final class ProxyRoutes extends DefaultRoutePlanner {
    private final @Nullable OutboundProxy proxy;

    ProxyRoutes(@Nullable OutboundProxy proxy) {
      super(DefaultSchemePortResolver.INSTANCE);
      this.proxy = proxy;
    }

    @Override
    protected @Nullable HttpHost determineProxy(HttpHost target, HttpContext context) {
      return proxy != null && proxy.serves(target.getHostName())
          ? new HttpHost(proxy.host(), proxy.port())
          : null;
    }
  }
}
