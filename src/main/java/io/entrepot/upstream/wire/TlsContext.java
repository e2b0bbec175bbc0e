package io.entrepot.upstream.wire;

import io.entrepot.upstream.Origin;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Makes the TLS of one upstream from its {@link UpstreamTls}. The upstream's own origin, the
 * trusted realms and all other places have a TLS each. So another port of the same host neither
 * learns who we are nor is spared a check, even when a redirect leads there.
 */
final class TlsContext {
  /** The password of stores that exist in memory only. */
  private static final char[] NO_PASSWORD = new char[0];

  private static final int DEFAULT_PORT = 443;

  private TlsContext() {}

  /**
   * The TLS of sockets to the upstream, its token service and the places it redirects to.
   *
   * @param trusted origins besides the upstream's own that may see the client certificate
   */
  static TlsSocketStrategy of(WireOptions options, Set<Origin> trusted) {
    UpstreamTls tls = options.tls();
    try {
      X509ExtendedTrustManager authorities = trusting(tls.authorities());
      KeyManager @Nullable [] client = keys(tls.client());
      TlsSocketStrategy elsewhere = verifying(null, authorities);
      TlsSocketStrategy realms = client == null ? elsewhere : verifying(client, authorities);
      TlsSocketStrategy own = tls.unverified() ? unverified(client) : realms;
      Origin upstream = options.origin();
      return (socket, host, port, attachment, context) -> {
        TlsSocketStrategy chosen = elsewhere;
        if (isAt(upstream, host, port)) {
          chosen = own;
        } else if (trusted.stream().anyMatch(realm -> isAt(realm, host, port))) {
          chosen = realms;
        }
        return chosen.upgrade(socket, host, port, attachment, context);
      };
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("no TLS for " + options.uri() + ": " + e, e);
    }
  }

  /**
   * @param port negative where the URL has none
   */
  private static boolean isAt(Origin origin, String host, int port) {
    return origin.isHttps() && origin.isAt(host, port < 0 ? DEFAULT_PORT : port);
  }

  private static TlsSocketStrategy verifying(
      KeyManager @Nullable [] client, X509ExtendedTrustManager authorities)
      throws GeneralSecurityException {
    return new DefaultClientTlsStrategy(
        context(client, authorities),
        HostnameVerificationPolicy.BOTH,
        new DefaultHostnameVerifier());
  }

  private static TlsSocketStrategy unverified(KeyManager @Nullable [] client)
      throws GeneralSecurityException {
    return new DefaultClientTlsStrategy(
        context(client, new AnyCertificate()),
        HostnameVerificationPolicy.CLIENT,
        NoopHostnameVerifier.INSTANCE);
  }

  private static SSLContext context(KeyManager @Nullable [] client, TrustManager trust)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(client, new TrustManager[] {trust}, null);
    return context;
  }

  /** Trusts whom the Java runtime trusts, and these. */
  private static X509ExtendedTrustManager trusting(List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    X509ExtendedTrustManager runtime = trusting((KeyStore) null);
    if (authorities.isEmpty()) {
      return runtime;
    }
    KeyStore store = emptyStore();
    int count = 0;
    for (X509Certificate each : all(runtime.getAcceptedIssuers(), authorities)) {
      store.setCertificateEntry("authority-" + count++, each);
    }
    return trusting(store);
  }

  private static List<X509Certificate> all(X509Certificate[] runtime, List<X509Certificate> own) {
    return Stream.concat(Arrays.stream(runtime), own.stream()).toList();
  }

  private static X509ExtendedTrustManager trusting(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Arrays.stream(factory.getTrustManagers())
        .filter(X509ExtendedTrustManager.class::isInstance)
        .map(X509ExtendedTrustManager.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private static KeyManager @Nullable [] keys(@Nullable ClientCertificate client)
      throws GeneralSecurityException, IOException {
    if (client == null) {
      return null;
    }
    KeyStore store = emptyStore();
    store.setKeyEntry(
        "client", client.key(), NO_PASSWORD, client.chain().toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  /** Takes any certificate of a server. For the upstream's own origin, where nobody verifies. */
  private static final class AnyCertificate extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
      throw new UnsupportedOperationException("this is a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      throw new UnsupportedOperationException("this is a client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException("this is a client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
