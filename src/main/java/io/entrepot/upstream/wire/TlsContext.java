package io.entrepot.upstream.wire;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.DefaultHostnameVerifier;
import org.apache.hc.client5.http.ssl.HostnameVerificationPolicy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.jspecify.annotations.Nullable;

/** Makes the TLS of one upstream from its {@link UpstreamTls}. */
final class TlsContext {
  /** The password of stores that exist in memory only. */
  private static final char[] NO_PASSWORD = new char[0];

  private TlsContext() {}

  /**
   * The TLS of sockets to the upstream, its token service and the places it redirects to.
   *
   * @param trustedHosts hosts besides the upstream's own that may see the client certificate
   */
  static TlsSocketStrategy of(WireOptions options, Set<String> trustedHosts) {
    UpstreamTls tls = options.tls();
    String own = ServerTrust.bare(options.uri().getHost());
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(tls.client(), clientHosts(own, trustedHosts)), trust(tls, own), null);
      return new DefaultClientTlsStrategy(
          context, HostnameVerificationPolicy.BOTH, names(tls, own));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("no TLS for " + options.uri() + ": " + e, e);
    }
  }

  private static Set<String> clientHosts(String own, Set<String> trustedHosts) {
    return Stream.concat(Stream.of(own), trustedHosts.stream().map(ServerTrust::bare))
        .collect(Collectors.toSet());
  }

  private static HostnameVerifier names(UpstreamTls tls, String own) {
    HostnameVerifier verifying = new DefaultHostnameVerifier();
    return tls.unverified()
        ? (host, session) -> ServerTrust.bare(host).equals(own) || verifying.verify(host, session)
        : verifying;
  }

  private static TrustManager[] trust(UpstreamTls tls, String own)
      throws GeneralSecurityException, IOException {
    X509ExtendedTrustManager verifying = trusting(null);
    if (!tls.authorities().isEmpty()) {
      KeyStore store = emptyStore();
      int count = 0;
      for (X509Certificate each : all(verifying.getAcceptedIssuers(), tls.authorities())) {
        store.setCertificateEntry("authority-" + count++, each);
      }
      verifying = trusting(store);
    }
    return new TrustManager[] {tls.unverified() ? new ServerTrust(verifying, own) : verifying};
  }

  private static List<X509Certificate> all(X509Certificate[] runtime, List<X509Certificate> own) {
    return Stream.concat(Arrays.stream(runtime), own.stream()).toList();
  }

  private static X509ExtendedTrustManager trusting(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return first(factory.getTrustManagers(), X509ExtendedTrustManager.class);
  }

  private static KeyManager @Nullable [] keys(@Nullable ClientCertificate client, Set<String> hosts)
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
    return new KeyManager[] {
      new ClientKeys(first(factory.getKeyManagers(), X509ExtendedKeyManager.class), hosts)
    };
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static <T> T first(Object[] made, Class<T> type) {
    return Arrays.stream(made).filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
  }
}
