package io.entrepot.config;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.upstream.wire.UpstreamTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings for certificates and keys, and where plain http is allowed (S23). */
class TlsSettingsTest {
  private static FakeCertificate one;
  private static FakeCertificate other;
  @TempDir Path folder;

  @BeforeAll
  static void certify(@TempDir Path folder) throws Exception {
    one = FakeCertificate.create(folder, "one", "dns:one.example");
    other = FakeCertificate.create(folder, "other", "dns:other.example");
  }

  private static GivenSources given(String... settings) {
    GivenSources sources = new GivenSources();
    for (int i = 0; i < settings.length; i += 2) {
      sources.property("entrepot." + settings[i], settings[i + 1]);
    }
    return sources;
  }

  private static List<String> problems(String... settings) {
    return catchThrowableOfType(ConfigurationException.class, () -> given(settings).read())
        .problems();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("file.pem"), text);
  }

  @Test
  void chainsAndAuthoritiesAreReadWholeAndKeysAreNotShown() throws IOException {
    Path both = file("a word\n" + Files.readString(one.pem()) + Files.readString(other.pem()));
    Settings settings =
        given(
                "proxy.tls.ca", both.toString(),
                "proxy.tls.certificate", both.toString(),
                "proxy.tls.key", one.keyPem().toString())
            .read();

    UpstreamTls tls = settings.proxy().wire().tls();
    assertThat(tls.authorities()).containsExactly(one.certificate(), other.certificate());
    assertThat(tls.client().chain()).isEqualTo(tls.authorities());
    assertThat(tls.client().key()).isEqualTo(one.key());
    assertThat(settings.toString())
        .contains("client certificate of CN=one")
        .doesNotContain("PRIVATE");
  }

  @Test
  void everythingThatIsWrongIsSaidAtOnce() throws IOException {
    Path nothing = file("nothing here");
    assertThat(
            problems(
                "http.tls.certificate", "/no/such.pem",
                "http.tls.key", one.pem().toString(),
                "proxy.tls.ca", nothing.toString(),
                "proxy.tls.certificate", one.pem().toString(),
                "proxy.tls.key", other.keyPem().toString(),
                "proxy.remoteurl", "http://r.example"))
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).startsWith("http.tls.certificate:").contains("cannot be read"),
            p -> assertThat(p).startsWith("http.tls.key:").contains("no private key in it"),
            p -> assertThat(p).startsWith("proxy.tls.ca:").contains("no certificate in it"),
            p ->
                assertThat(p)
                    .startsWith("proxy.tls.key:")
                    .contains("not the key of the first certificate in proxy.tls.certificate"),
            p ->
                assertThat(p)
                    .startsWith("proxy.remoteurl:")
                    .contains("plain http only to this machine, unless proxy.insecure allows it"));
  }

  @ParameterizedTest
  @CsvSource({
    "http.tls.certificate, http.tls.key",
    "http.tls.key, http.tls.certificate",
    "proxy.tls.certificate, proxy.tls.key",
    "proxy.tls.key, proxy.tls.certificate"
  })
  void oneWithoutTheOtherIsAProblem(String given, String missing) {
    Path file = given.endsWith("key") ? one.keyPem() : one.pem();
    assertThat(problems(given, file.toString()))
        .containsExactly(
            "%s: it is missing, but %s is given by system property entrepot.%s; give both or neither"
                .formatted(missing, given, given));
  }

  @Test
  void keyInAnotherFormIsToldHowToBeWritten() throws IOException {
    Path key =
        file(Files.readString(one.keyPem()).replace(" PRIVATE KEY", " ENCRYPTED PRIVATE KEY"));
    assertThat(problems("http.tls.certificate", one.pem().toString(), "http.tls.key", "" + key))
        .singleElement()
        .asString()
        .contains("openssl pkcs8 -topk8 -nocrypt");
  }

  @Test
  void brokenCertificateAndKeyAreNotQuoted() throws IOException {
    String broken = Files.readString(one.keyPem()).replaceFirst("\\nM", "\nX");
    Path key = Files.write(folder.resolve("key.pem"), broken.getBytes(US_ASCII));
    Path certificate = file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    List<String> problems =
        problems("http.tls.certificate", certificate.toString(), "http.tls.key", key.toString());
    assertThat(problems)
        .hasSize(2)
        .anySatisfy(p -> assertThat(p).contains("a certificate in it cannot be read"))
        .anySatisfy(p -> assertThat(p).contains("its key is not RSA, EC or EdDSA"));
    assertThat(problems.toString()).doesNotContain(broken.substring(40, 60));
  }

  @ParameterizedTest
  @CsvSource({
    "http://r.example, true",
    "https://r.example, true",
    "https://127.0.0.1:5000, true",
    "http://127.0.0.1:5000, false",
    "http://localhost, false"
  })
  void insecureIsSaidInTheLogWhereItMatters(String url, boolean matters) {
    Settings settings = given("proxy.remoteurl", url, "proxy.insecure", "true").read();

    assertThat(settings.proxy().wire().tls().unverified()).isTrue();
    assertThat(
            settings
                .warnings()
                .contains(
                    "proxy.insecure: it is not verified that answers really come from " + url))
        .isEqualTo(matters);
  }

  @ParameterizedTest
  @CsvSource({
    "http://r.example, true, false", "https://r.example, true, false",
    "https://r.example, false, true", "http://127.0.0.1:1, true, true",
    "http://127.0.0.1:1, false, true", "https://localhost:1, true, true"
  })
  void credentialsAreSentOnlyToVerifiedUpstreams(String url, String insecure, boolean used) {
    Settings password =
        given(
                "proxy.remoteurl",
                url,
                "proxy.insecure",
                insecure,
                "proxy.username",
                "me",
                "proxy.password",
                "secret")
            .read();
    Settings token =
        given("proxy.remoteurl", url, "proxy.insecure", insecure, "proxy.identitytoken", "secret")
            .read();

    assertThat(password.proxy().login().access() instanceof Access.Password).isEqualTo(used);
    assertThat(token.proxy().login().access() instanceof Access.IdentityToken).isEqualTo(used);
    assertThat(password.warnings().stream().anyMatch(w -> w.contains("credentials")))
        .isEqualTo(!used);
  }

  @Test
  void otherUpstreamsInheritNeitherCarelessnessNorCertificates() {
    GivenSources sources =
        new GivenSources()
            .file(
                folder,
                """
                proxy:
                  remoteurl: http://r.example
                  insecure: true
                  tls: {ca: %s, certificate: %s, key: %s}
                upstreams:
                  lab: {url: 'https://lab.example', tls: {ca: %s}}
                  open: {url: 'http://open.example', insecure: true}
                """
                    .formatted(one.pem(), one.pem(), one.keyPem(), other.pem()));

    Settings settings = sources.read();

    assertThat(settings.proxy().wire().tls().client()).isNotNull();
    UpstreamTls lab = settings.upstreams().others().get(0).wire().tls();
    assertThat(lab.authorities()).containsExactly(other.certificate());
    assertThat(lab.client()).isNull();
    assertThat(lab.unverified()).isFalse();
    assertThat(settings.upstreams().others().get(1).wire().tls())
        .isEqualTo(new UpstreamTls(List.of(), null, true));
  }

  @Test
  void plainHttpOfAnotherUpstreamAndOfAMirrorIsRefusedToo() {
    GivenSources sources =
        new GivenSources()
            .file(
                folder,
                """
                proxy: {mirrors: ['http://m.example']}
                upstreams: {lab: {url: 'http://lab.example'}}
                """);

    assertThat(catchThrowableOfType(ConfigurationException.class, sources::read).problems())
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).startsWith("proxy.mirrors: ").contains("unless proxy.insecure"),
            p ->
                assertThat(p)
                    .startsWith("upstreams.lab.url: ")
                    .contains("unless upstreams.lab.insecure"));
  }
}
