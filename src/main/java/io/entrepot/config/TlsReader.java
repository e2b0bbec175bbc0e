package io.entrepot.config;

import io.entrepot.upstream.wire.ClientCertificate;
import io.entrepot.upstream.wire.UpstreamTls;
import java.net.URI;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads the TLS settings. Refuses plain http unless a setting allows it (S23). */
final class TlsReader {
  private final Values values;
  private final Findings findings;

  TlsReader(Values values, Findings findings) {
    this.values = values;
    this.findings = findings;
  }

  /** The certificate and key of the executable WAR. */
  Optional<Settings.ServerTls> server() {
    Setting<Path> certificate = SettingsTable.HTTP_TLS_CERTIFICATE;
    Setting<Path> key = SettingsTable.HTTP_TLS_KEY;
    return identity(certificate, key)
        .map(
            checked ->
                new Settings.ServerTls(
                    values.absolute(certificate, values.value(certificate)),
                    values.absolute(key, values.value(key))));
  }

  /**
   * Reads the TLS settings of one upstream. It does not take over certificates or {@code insecure}
   * from the default upstream.
   */
  UpstreamTls upstream(URI url, List<URI> mirrors) {
    boolean insecure = values.given(UpstreamTlsTable.INSECURE).orElse(false);
    if (!insecure) {
      requireSafe(UpstreamTable.REMOTEURL, Stream.of(url));
      requireSafe(UpstreamTable.MIRRORS, mirrors.stream());
    }
    UpstreamTls tls =
        new UpstreamTls(
            pem(UpstreamTlsTable.CA, PemFile::certificates).orElse(List.of()),
            identity(UpstreamTlsTable.CERTIFICATE, UpstreamTlsTable.KEY).orElse(null),
            insecure);
    if (insecure && !(UrlSyntax.isLoopback(url) && url.getScheme().equals("http"))) {
      findings.warning(
          "%s: it is not verified that answers really come from %s"
              .formatted(values.key(UpstreamTlsTable.INSECURE), url));
    }
    return tls;
  }

  /** The certificates of authorities in a file; empty if none is given. */
  List<X509Certificate> certificates(Setting<Path> setting) {
    return pem(setting, PemFile::certificates).orElse(List.of());
  }

  private void requireSafe(Setting<?> setting, Stream<URI> origins) {
    if (!origins.allMatch(UrlSyntax::isSafe)) {
      values.bad(
          setting,
          "plain http only to this machine, unless "
              + values.key(UpstreamTlsTable.INSECURE)
              + " allows it");
    }
  }

  /**
   * Reads a certificate and its key. Reports errors in either file, and a key that does not belong
   * to the certificate.
   */
  private Optional<ClientCertificate> identity(Setting<Path> certificate, Setting<Path> key) {
    values.requireBeside(certificate, key);
    values.requireBeside(key, certificate);
    Optional<List<X509Certificate>> chain = pem(certificate, PemFile::certificates);
    Optional<PrivateKey> secret = pem(key, PemFile::key);
    if (chain.isEmpty() || secret.isEmpty()) {
      return Optional.empty();
    }
    if (!PemFile.isKeyOf(chain.get().get(0), secret.get())) {
      values.bad(key, "it is not the key of the first certificate in " + values.key(certificate));
    }
    return Optional.of(new ClientCertificate(chain.get(), secret.get()));
  }

  private <T> Optional<T> pem(Setting<Path> setting, Function<Path, T> reader) {
    return values
        .given(setting)
        .flatMap(
            path -> {
              try {
                return Optional.of(reader.apply(values.absolute(setting, path)));
              } catch (IllegalArgumentException e) {
                values.bad(setting, String.valueOf(e.getMessage()));
                return Optional.empty();
              }
            });
  }
}
