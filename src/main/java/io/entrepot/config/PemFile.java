package io.entrepot.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Reads certificates or a private key from a PEM file (RFC 7468). For an invalid file it throws an
 * {@link IllegalArgumentException}. The message never quotes the file.
 */
final class PemFile {
  /**
   * The largest file that is read, in bytes. The certificates of all public authorities together
   * are smaller.
   */
  private static final int MAX_BYTES = 4 << 20;

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String KEY = "PRIVATE KEY";

  private PemFile() {}

  /** Reads all certificates in a file, at least one. */
  static List<X509Certificate> certificates(Path file) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      List<X509Certificate> certificates = new ArrayList<>();
      for (MatchResult block : blocks(file)) {
        if (block.group(1).equals(CERTIFICATE)) {
          InputStream der = new ByteArrayInputStream(decoded(block));
          certificates.add((X509Certificate) factory.generateCertificate(der));
        }
      }
      require(!certificates.isEmpty(), "there is no certificate in it");
      return List.copyOf(certificates);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("a certificate in it cannot be read", e);
    }
  }

  /** Reads the one private key in a file. */
  static PrivateKey key(Path file) {
    List<MatchResult> keys =
        blocks(file).stream().filter(block -> block.group(1).endsWith(KEY)).toList();
    require(!keys.isEmpty(), "there is no private key in it");
    require(keys.size() == 1, "there is more than one private key in it");
    MatchResult key = keys.get(0);
    require(
        key.group(1).equals(KEY),
        "write the key unencrypted as PKCS #8, with openssl pkcs8 -topk8 -nocrypt");
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(decoded(key));
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      Optional<PrivateKey> read = key(algorithm, spec);
      if (read.isPresent()) {
        return read.get();
      }
    }
    throw new IllegalArgumentException("its key is not RSA, EC or EdDSA");
  }

  private static Optional<PrivateKey> key(String algorithm, PKCS8EncodedKeySpec spec) {
    try {
      return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(spec));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  /** Whether what {@code key} signs can be verified with {@code certificate}. */
  static boolean isKeyOf(X509Certificate certificate, PrivateKey key) {
    String algorithm = key.getAlgorithm();
    try {
      Signature signature =
          Signature.getInstance(
              switch (algorithm) {
                case "RSA", "RSASSA-PSS" -> "SHA256withRSA";
                case "EC" -> "SHA256withECDSA";
                default -> algorithm;
              });
      byte[] text = {1, 2, 3};
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static List<MatchResult> blocks(Path file) {
    try {
      byte[] bytes =
          SmallFile.read(file, MAX_BYTES)
              .orElseThrow(() -> new IllegalArgumentException("it is larger than 4 MiB"));
      return BLOCK.matcher(new String(bytes, ISO_8859_1)).results().toList();
    } catch (IOException e) {
      throw new IllegalArgumentException("it cannot be read: " + e.getClass().getSimpleName(), e);
    }
  }

  private static byte[] decoded(MatchResult block) {
    try {
      return Base64.getMimeDecoder().decode(block.group(2));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a block in it is not Base64", e);
    }
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
