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
 * Trust as the Java runtime checks it, certificates and host names, save for one host that may show
 * what it likes. Thread-safe.
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

  /** The host with which a handshake is under way, or an empty text. */
  static String peer(Socket socket) {
    SSLSession session = socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null;
    String host = session == null ? null : session.getPeerHost();
    return host == null ? "" : bare(host);
  }

  /** A host as sessions name it: lower case, without the brackets of an IPv6 address. */
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
