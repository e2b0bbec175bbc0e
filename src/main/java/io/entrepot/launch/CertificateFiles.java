package io.entrepot.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.jsse.PEMFile;

/**
 * The PEM files of the server: the certificate with its chain, the private key, and perhaps the
 * authorities of clients. The application checks them at the start. This class checks the first two
 * when they change later.
 *
 * @param certificate the file with the certificate chain
 * @param key the file with the private key of the first certificate
 * @param clients the file with the authorities whose certificates clients are asked for
 */
record CertificateFiles(Path certificate, Path key, Optional<Path> clients) {
  /**
   * What is offered by TLS 1.2: suites with AEAD and forward secrecy only (RFC 9325, 4.2). TLS 1.3
   * has no others.
   */
  private static final List<String> SUITES =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** The longest chain of a client, without its own certificate. */
  private static final int MAX_CHAIN = 4;

  /**
   * The modification times and sizes of both files. Two different states mean that a file has
   * changed. A missing file has a state too.
   */
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
   * Checks that both files can be read and that the key belongs to the certificate. While an
   * administrator replaces one file after the other, they do not match. Tomcat would load them
   * without a check, and then every TLS handshake would fail.
   *
   * @throws GeneralSecurityException if a file has a wrong format
   * @throws IOException if a file cannot be read, or the files do not belong together
   */
  void check() throws GeneralSecurityException, IOException {
    List<X509Certificate> chain = new PEMFile(certificate.toString()).getCertificates();
    PrivateKey secret = new PEMFile(key.toString()).getPrivateKey();
    if (chain.isEmpty() || secret == null) {
      throw new IOException("the file holds no " + (secret == null ? "key" : "certificate"));
    }
    if (!isKeyOf(chain.get(0), secret)) {
      throw new IOException("the key does not belong to the certificate");
    }
  }

  /**
   * The files as Tomcat's configuration.
   *
   * @throws GeneralSecurityException if the file of the authorities has a wrong format
   * @throws IOException if it cannot be read
   */
  SSLHostConfig hostConfig() throws GeneralSecurityException, IOException {
    SSLHostConfig host = new SSLHostConfig();
    host.setProtocols("TLSv1.2+TLSv1.3");
    host.setCiphers(String.join(":", SUITES));
    SSLHostConfigCertificate pair =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
    pair.setCertificateFile(certificate.toString());
    pair.setCertificateKeyFile(key.toString());
    host.addCertificate(pair);
    if (clients.isPresent()) {
      host.setTrustStore(authorities(clients.get()));
      host.setCertificateVerification("optional"); // who has none may log in in another way
      host.setCertificateVerificationDepth(MAX_CHAIN);
    }
    return host;
  }

  private static KeyStore authorities(Path file) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (X509Certificate each : new PEMFile(file.toString()).getCertificates()) {
      store.setCertificateEntry("authority-" + store.size(), each);
    }
    return store;
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
