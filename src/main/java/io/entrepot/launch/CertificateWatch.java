package io.entrepot.launch;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.coyote.http11.Http11NioProtocol;

/**
 * A look at the certificate's files now and then: what has changed, and is right, is what new
 * connections get. What is wrong is told once, and the old ones stay. Run by one thread at a time.
 */
final class CertificateWatch implements Runnable {
  private static final Logger LOG = Logger.getLogger("io.entrepot.launch");

  private final CertificateFiles files;
  private final Http11NioProtocol protocol;
  private List<Object> seen;

  /**
   * A watch that begins with what the files hold now.
   *
   * @param protocol speaks TLS with these files
   */
  CertificateWatch(CertificateFiles files, Http11NioProtocol protocol) {
    this.files = files;
    this.protocol = protocol;
    this.seen = files.state();
  }

  @Override
  public void run() {
    List<Object> now = files.state();
    if (now.equals(seen)) {
      return;
    }
    seen = now;
    try {
      files.check();
      protocol.reloadSslHostConfigs();
      LOG.info("http.tls.certificate: " + files.certificate() + " has changed and is used now");
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "http.tls.certificate: {0} or {1} has changed, but cannot be used: {2}; the old"
              + " certificate stays",
          new Object[] {files.certificate(), files.key(), e.getMessage()});
    }
  }
}
