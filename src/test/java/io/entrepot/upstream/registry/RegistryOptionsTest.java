package io.entrepot.upstream.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.upstream.auth.AuthOptions;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.wire.RedirectTargets;
import io.entrepot.upstream.wire.Timeouts;
import io.entrepot.upstream.wire.UpstreamTls;
import io.entrepot.upstream.wire.WireOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The options of a registry: their defaults, and that no text shows a secret. */
class RegistryOptionsTest {
  private static final RegistryOptions OPTIONS =
      RegistryOptions.of(URI.create("https://registry.example.com"));

  @Test
  void defaultsAreAnonymousAndDirect() {
    assertThat(OPTIONS)
        .isEqualTo(
            new RegistryOptions(
                new WireOptions(
                    URI.create("https://registry.example.com"),
                    new Timeouts(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(30)),
                    64,
                    null,
                    "entrepot",
                    UpstreamTls.DEFAULT,
                    RedirectTargets.NONE),
                new AuthOptions(CredentialSource.ANONYMOUS, false, List.of()),
                Restraint.DEFAULT,
                OPTIONS.memory()));
  }

  @Test
  void secretsAreNotShown() {
    Credentials password = new Credentials.Password("ann", "hunter2");
    Credentials identity = new Credentials.IdentityToken("hunter2");

    assertThat(OPTIONS.auth(a -> a.withCredentials(CredentialSource.of(password))).toString())
        .contains("Password[ann, ***]")
        .doesNotContain("hunter2");
    assertThat(OPTIONS.auth(a -> a.withCredentials(CredentialSource.of(identity))).toString())
        .doesNotContain("hunter2");
  }
}
