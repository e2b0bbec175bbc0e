package io.entrepot.upstream.wire;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Locale;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Checks certificates and host names as the Java runtime does, except for one host, which may show
 * any certificate. Thread-safe.
 */
final class ServerTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager verifying;
  private final String unverifiedHost;

  /**
   * @param unverifiedHost lower case, without brackets
   */
  ServerTrust(X509ExtendedTrustManager verifying, String unverifiedHost) {
    this.verifying = verifying;
    this.unverifiedHost = unverifiedHost;
  }

  /** The host of the handshake that is under way; an empty text where there is none. */
  static String peer(Socket socket) {
    SSLSession session = socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null;
    String host = session == null ? null : session.getPeerHost();
    return host == null ? "" : bare(host);
  }

  /** The form of a host in TLS sessions: lower case, an IPv6 address without brackets. */
  static String bare(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.startsWith("[") ? lower.substring(1, lower.length() - 1) : lower;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    if (!peer(socket).equals(unverifiedHost)) {
      verifying.checkServerTrusted(chain, type, socket);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    verifying.checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    verifying.checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    verifying.checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    verifying.checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    verifying.checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return verifying.getAcceptedIssuers();
  }
}
