package io.entrepot.access;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.access.ClientCertificates.UserFrom;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates of clients: whose they are, and which do not count. */
class ClientCertificatesTest {
  private static final Map<String, X509Certificate> CERTIFICATES = new HashMap<>();

  private final TestClock clock = new TestClock();
  private final ClientCertificates bySan = certificates(UserFrom.SAN);
  private final ClientCertificates byCn = certificates(UserFrom.CN);

  /** The file has a name before each certificate. They are valid from the end of 2026. */
  @BeforeAll
  static void read() throws Exception {
    try (InputStream in = ClientCertificatesTest.class.getResourceAsStream("certificates.pem")) {
      String all = new String(in.readAllBytes(), US_ASCII);
      for (String part : all.strip().split("(?<=-----END CERTIFICATE-----\n)", -1)) {
        String name = part.substring(0, part.indexOf('\n'));
        CERTIFICATES.put(
            name,
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                        new ByteArrayInputStream(
                            part.substring(name.length() + 1).getBytes(US_ASCII))));
      }
    }
  }

  private static List<X509Certificate> chain(String... names) {
    return Arrays.stream(names).map(CERTIFICATES::get).toList();
  }

  private ClientCertificates certificates(UserFrom from) {
    return new ClientCertificates(chain("ca"), from, new MemoryBudget(256 << 20), clock);
  }

  @BeforeEach
  void laterThanTheCertificates() {
    clock.advance(Duration.ofDays(366));
  }

  private static Optional<Principal> user(String name) {
    return Optional.of(new Principal("tls", name));
  }

  @Test
  void alternativeNameIsTheMailAddressBeforeOthers() {
    assertThat(bySan.identify(chain("ann"))).isEqualTo(user("ann@acme.example"));
    assertThat(bySan.identify(chain("ann", "ca"))).isEqualTo(user("ann@acme.example"));
    assertThat(bySan.identify(chain("workload", "middle")))
        .isEqualTo(user("spiffe://acme/workload"));
  }

  @Test
  void commonNameIsTakenWholeWithWhatLooksLikeAnotherInIt() {
    assertThat(byCn.identify(chain("ann"))).isEqualTo(user("Ann \"A+B\" Smíth, CN=root"));
    assertThat(byCn.identify(chain("plain"))).as("for no purpose").isEqualTo(user("plain"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // none
        "stranger", // of an authority that only has the name of ours
        "stranger other",
        "workload", // its authority is missing
        "workload ca",
        "server", // not for clients
        "encrypting",
        "ca", // an authority is no client
        "middle ca",
        "sub plain ca", // signed by one that is no authority
        "ann ann ann ann ann ann", // too long
      })
  void othersAreNobody(String names) {
    List<X509Certificate> chain = names.isEmpty() ? List.of() : chain(names.split(" ", -1));
    assertThat(bySan.identify(chain)).isEmpty();
    assertThat(byCn.identify(chain)).isEmpty();
  }

  @Test
  void certificateWithoutAnUnambiguousNameIsNobody() {
    assertThat(byCn.identify(chain("twice"))).isEmpty();
    assertThat(bySan.identify(chain("twice"))).isEmpty();
    assertThat(bySan.identify(chain("plain"))).isEmpty();
  }

  @Test
  void certificateCountsWhileItIsValid() {
    assertThat(bySan.identify(chain("short"))).isEqualTo(user("short@acme.example"));
    clock.advance(Duration.ofDays(369));
    assertThat(bySan.identify(chain("short"))).as("remembered, but expired").isEmpty();
    assertThat(certificates(UserFrom.SAN).identify(chain("short"))).isEmpty();
    clock.advance(Duration.ofDays(-369 - 366));
    assertThat(certificates(UserFrom.SAN).identify(chain("short"))).as("not yet valid").isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CN=ann | ann",
        "OU=dev, CN=ann, O=acme | ann",
        "CN=ann+UID=7, O=acme | ann",
        "O='a, CN=root', CN=ann | ann",
        "CN=\\#4 | #4",
        "O=acme | ",
        "CN=ann, CN=bob | ",
        "CN=ann+CN=bob | ",
      })
  void commonNameIsTheOnlyOne(String subject, String name) {
    assertThat(CommonName.of(new X500Principal(subject.replace('\'', '"'))).orElse(null))
        .isEqualTo(name);
  }
}
