package io.entrepot.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.jsse.PEMFile;

/**
 * The server's certificate with its chain, and the key, PEM. The application has checked them at
 * the start; later contents are checked here.
 *
 * @param certificate the chain
 * @param key the key of its first certificate
 */
record CertificateFiles(Path certificate, Path key) {

  /** What tells one content from another; a file that is not there has a state too. */
  List<Object> state() {
    List<Object> state = new ArrayList<>();
    for (Path file : List.of(certificate, key)) {
      try {
        state.add(Files.getLastModifiedTime(file));
        state.add(Files.size(file));
      } catch (IOException e) {
        state.add("missing");
      }
    }
    return state;
  }

  /**
   * Checks that both can be read and belong together, which is not so while they are being
   * replaced, one after the other. Tomcat itself would take them, and every handshake would fail.
   *
   * @throws GeneralSecurityException or IOException that says what is wrong, where they do not
   */
  void check() throws GeneralSecurityException, IOException {
    List<X509Certificate> chain = new PEMFile(certificate.toString()).getCertificates();
    PrivateKey secret = new PEMFile(key.toString()).getPrivateKey();
    if (chain.isEmpty() || secret == null) {
      throw new IOException("there is no " + (secret == null ? "key" : "certificate"));
    }
    if (!isKeyOf(chain.get(0), secret)) {
      throw new IOException("the key is not the certificate's");
    }
  }

  /** As Tomcat takes them. */
  SSLHostConfig hostConfig() {
    SSLHostConfig host = new SSLHostConfig();
    host.setProtocols("TLSv1.2+TLSv1.3");
    SSLHostConfigCertificate pair =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
    pair.setCertificateFile(certificate.toString());
    pair.setCertificateKeyFile(key.toString());
    host.addCertificate(pair);
    return host;
  }

  private static boolean isKeyOf(X509Certificate certificate, PrivateKey key)
      throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
      return false;
    }
    Signature signature =
        Signature.getInstance(
            switch (key.getAlgorithm()) {
              case "RSA" -> "SHA256withRSA";
              case "EC" -> "SHA256withECDSA";
              default -> key.getAlgorithm();
            });
    signature.initSign(key);
    byte[] signed = signature.sign();
    signature.initVerify(certificate);
    return signature.verify(signed);
  }
}
