package io.entrepot.launch;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.coyote.http11.Http11NioProtocol;

/**
 * A periodic check of the certificate files. When they have changed and are valid, new connections
 * use them. When they are not valid, one warning is logged and the old certificate stays in use.
 * Run by one thread at a time.
 */
final class CertificateWatch implements Runnable {
  private static final Logger LOG = Logger.getLogger("io.entrepot.launch");

  private final CertificateFiles files;
  private final Http11NioProtocol protocol;
  private List<Object> seen;

  /**
   * Makes a check that compares with the files as they are now.
   *
   * @param protocol the connector that serves TLS with these files
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
      LOG.info(
          "http.tls.certificate: " + files.certificate() + " has changed; new connections use it");
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      LOG.log(
          Level.WARNING,
          "http.tls.certificate: {0} or {1} has changed, but cannot be used: {2}; the old"
              + " certificate stays in use",
          new Object[] {files.certificate(), files.key(), e.getMessage()});
    }
  }
}
