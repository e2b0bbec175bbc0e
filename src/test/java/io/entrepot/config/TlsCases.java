package io.entrepot.config;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.upstream.wire.ClientCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The cases of {@link SettingsFromSourcesTest} that need certificates. */
final class TlsCases {
  static final FakeCertificate CERTIFICATE = certificate();

  private TlsCases() {}

  static List<SettingCase> all() {
    return List.of(
        new SettingCase(
            "http.tls.certificate",
            CERTIFICATE.pem().toString(),
            s -> s.http().tls().map(Settings.ServerTls::certificate),
            Optional.empty(),
            Optional.of(CERTIFICATE.pem()),
            "http.tls.key: " + CERTIFICATE.keyPem() + "\n"),
        new SettingCase(
            "http.tls.key",
            CERTIFICATE.keyPem().toString(),
            s -> s.http().tls().map(Settings.ServerTls::key),
            Optional.empty(),
            Optional.of(CERTIFICATE.keyPem()),
            "http.tls.certificate: " + CERTIFICATE.pem() + "\n"),
        new SettingCase(
            "proxy.tls.ca",
            CERTIFICATE.pem().toString(),
            s -> s.proxy().wire().tls().authorities(),
            List.of(),
            List.of(CERTIFICATE.certificate())),
        new SettingCase(
            "proxy.tls.certificate",
            CERTIFICATE.pem().toString(),
            s -> Optional.ofNullable(s.proxy().wire().tls().client()).map(ClientCertificate::chain),
            Optional.empty(),
            Optional.of(List.of(CERTIFICATE.certificate())),
            "proxy.tls.key: " + CERTIFICATE.keyPem() + "\n"),
        new SettingCase(
            "proxy.tls.key",
            CERTIFICATE.keyPem().toString(),
            s -> Optional.ofNullable(s.proxy().wire().tls().client()).map(ClientCertificate::key),
            Optional.empty(),
            Optional.of(CERTIFICATE.key()),
            "proxy.tls.certificate: " + CERTIFICATE.pem() + "\n"),
        new SettingCase(
            "proxy.insecure",
            "true",
            s -> s.proxy().wire().tls().unverified(),
            false,
            true,
            "proxy.remoteurl: http://127.0.0.1:5001\n"));
  }

  /** Made in a static field, before JUnit can inject a folder. */
  private static FakeCertificate certificate() {
    try {
      Path folder = Files.createDirectories(Path.of("target", "certificate").toAbsolutePath());
      Files.deleteIfExists(folder.resolve("settings.p12"));
      return FakeCertificate.create(folder, "settings", "dns:settings.example");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
