package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.OciException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A certificate and a header in one request: the header counts. */
class CertificateLoginTest {
  @TempDir Path folder;

  @Test
  void headerCountsAndTheCertificateOnlyWithoutOne() throws Exception {
    Clock clock = Clock.systemUTC();
    MemoryBudget memory = new MemoryBudget(256 << 20);
    X509Certificate ann = FakeCertificate.create(folder, "ann", "dns:ann.example").certificate();
    TokenIssuer tokens =
        new TokenIssuer(
            TokenKeys.open(new KeyFile(folder.resolve("keys")), Duration.ofMinutes(5), clock),
            "this",
            Duration.ofMinutes(5),
            memory,
            clock);
    Logins logins =
        new Logins(
            new Logins.Checks(
                new LoginOrder(List.of()),
                new LoginOrder(List.of()),
                List.of(tokens),
                Optional.of(
                    new ClientCertificates(
                        List.of(ann), ClientCertificates.UserFrom.SAN, memory, clock))),
            new Ways(List.of()),
            tokens,
            new Audit(clock),
            memory,
            clock);

    assertThat(logins.identify(caller(List.of(), ann)).join().principal())
        .isEqualTo(new Principal("tls", "ann.example"));
    assertThat(logins.identifyForToken(caller(List.of(), ann), false).join().principal())
        .isEqualTo(new Principal("tls", "ann.example"));
    assertThat(logins.identify(caller(List.of())).join().principal()).isNull();
    String anonymous = "Bearer " + tokens.issue(null, Set.of(), Set.of()).text();
    assertThat(logins.identify(caller(List.of(anonymous), ann)).join().principal()).isNull();
    for (String header : List.of("Basic YTpi", "Bearer x.y.z", "Digest a=b", "Basic")) {
      assertThatExceptionOfType(CompletionException.class)
          .isThrownBy(() -> logins.identify(caller(List.of(header), ann)).join())
          .withCauseInstanceOf(OciException.class);
    }
  }

  private static Caller caller(List<String> headers, X509Certificate... shown) {
    return new Caller(
        "192.0.2.1", headers, List.of(shown), (login, asked) -> Optional.empty(), null);
  }
}
