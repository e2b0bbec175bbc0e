package io.entrepot.upstream.wire;

import io.entrepot.upstream.registry.UpstreamOptions;
import java.io.IOException;
import java.util.List;
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
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * HttpClient with everything switched off that it would do on its own: retries, redirects, cookies,
 * decompression, authentication, protocol upgrades. Thread-safe.
 */
final class PooledClient implements AutoCloseable {
  /** Presigned URLs in a Location take a few KiB; nothing else comes near. */
  private static final int MAX_LINE = 16 << 10;

  private static final int MAX_HEADERS = 128;

  /** Servers close idle connections after 5 s and more: so long unused, one is checked first. */
  private static final TimeValue VALIDATE_AFTER = TimeValue.ofSeconds(1);

  private static final TimeValue TIME_TO_LIVE = TimeValue.ofMinutes(5);

  private final PoolingHttpClientConnectionManager connections;
  private final CloseableHttpClient client;
  private final RequestConfig config;
  private final @Nullable OutboundProxy proxy;
  private volatile boolean closed;

  PooledClient(UpstreamOptions options) {
    proxy = options.proxy();
    connections = connections(options);
    config =
        RequestConfig.custom()
            .setRedirectsEnabled(false)
            .setAuthenticationEnabled(proxy != null && proxy.credentials() != null)
            .setProxyPreferredAuthSchemes(List.of(StandardAuthScheme.BASIC))
            .setContentCompressionEnabled(false)
            .setExpectContinueEnabled(false)
            .setProtocolUpgradeEnabled(false)
            .build();
    client =
        HttpClientBuilder.create()
            .setConnectionManager(connections)
            .setRequestExecutor(new LateQuery())
            .setDefaultRequestConfig(config)
            .setTargetAuthenticationStrategy((type, challenges, context) -> List.of())
            .setRoutePlanner(new Routes(proxy))
            .setUserAgent(options.userAgent())
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableContentCompression()
            .disableAuthCaching()
            .disableConnectionState()
            .build();
  }

  private static PoolingHttpClientConnectionManager connections(UpstreamOptions options) {
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
    return PoolingHttpClientConnectionManagerBuilder.create()
        .setConnectionFactory(socket -> factory.createConnection(socket))
        .setTlsSocketStrategy(TlsContext.of(options))
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

  RequestConfig config() {
    return config;
  }

  /** A context of its own for each request: no state is carried from one to the next. */
  HttpClientContext newContext() {
    HttpClientContext context = HttpClientContext.create();
    if (proxy != null && proxy.credentials() != null) {
      BasicScheme basic = new BasicScheme();
      basic.initPreemptive(
          new UsernamePasswordCredentials(
              proxy.credentials().username(), proxy.credentials().secret().toCharArray()));
      context.resetAuthExchange(new HttpHost(proxy.host(), proxy.port()), basic);
    }
    return context;
  }

  ClassicHttpResponse execute(HttpUriRequestBase request, HttpClientContext context)
      throws IOException {
    LateQuery.hide(request, context);
    return client.executeOpen(null, request, context);
  }

  /** How many connections a call has now. */
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

  /** Straight to the target, or through the proxy where it serves that host. */
  private static final class Routes extends DefaultRoutePlanner {
    private final @Nullable OutboundProxy proxy;

    Routes(@Nullable OutboundProxy proxy) {
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
