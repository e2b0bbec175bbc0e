package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Background;
import io.entrepot.oci.OciException;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The contract of every authenticator. The test of an authenticator extends this class and adds its
 * own tests.
 */
@Timeout(60)
abstract class AuthenticatorContract {
  private static final String ADDRESS = "192.0.2.1";

  abstract Authenticator authenticator();

  /**
   * Valid credentials.
   *
   * @param authorization the {@code Authorization} header
   * @param principal the principal that the header proves
   */
  record Proof(String authorization, String principal) {}

  /** Credentials that this authenticator accepts; empty if it accepts none. */
  abstract Optional<Proof> proof();

  /** The client; empty if the authenticator has refused it with an {@link OciException}. */
  private Optional<Client> authenticate(String address, @Nullable String authorization) {
    try {
      return Optional.of(authenticator().authenticate(address, authorization));
    } catch (OciException e) {
      assertThat(e.error().status()).isBetween(400, 499);
      assertThat(String.valueOf(e.getMessage())).doesNotContain("canary");
      return Optional.empty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1", "2001:db8::1", "127.0.0.1"})
  void clientHasTheAddressThatItCameFrom(String address) {
    String authorization = proof().map(Proof::authorization).orElse(null);

    authenticate(address, authorization)
        .ifPresent(client -> assertThat(client.address()).isEqualTo(address));
  }

  @Test
  void clientWithoutCredentialsIsAnonymousOrRefused() {
    authenticate(ADDRESS, null)
        .ifPresent(client -> assertThat(client).isEqualTo(Client.anonymous(ADDRESS)));
  }

  static Stream<Named<String>> unproved() {
    Stream<String> plain =
        Stream.of(
            "",
            " ",
            "Basic",
            "Basic ",
            "Basic !!!canary!!!",
            "Basic Y2FuYXJ5", // no colon
            "Basic OmNhbmFyeQ==", // no user
            "Basic YWRtaW46Y2FuYXJ5", // admin:canary
            "Bearer",
            "Bearer canary",
            "Bearer a.b.c",
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
            "Digest username=\"admin\", response=\"canary\"",
            "Negotiate canary");
    return Stream.concat(
        plain.map(header -> Named.of("<" + header + ">", header)),
        Stream.of(
            Named.of("control characters", "\u0000\r\ncanary"),
            Named.of("100,000 characters", "a".repeat(100_000))));
  }

  /** Wrong credentials do not identify a client, and no message repeats them. */
  @ParameterizedTest
  @MethodSource("unproved")
  void clientWithWrongCredentialsIsAnonymousOrRefused(String authorization) {
    authenticate(ADDRESS, authorization)
        .ifPresent(client -> assertThat(client).isEqualTo(Client.anonymous(ADDRESS)));
  }

  @Test
  void validCredentialsGiveThePrincipal() {
    proof()
        .ifPresent(
            proof -> {
              assertThat(proof.principal()).isNotEqualTo(Client.ANONYMOUS);
              assertThat(authenticate(ADDRESS, proof.authorization()))
                  .contains(new Client(ADDRESS, proof.principal()));
            });
  }

  @Test
  void oneClientIsNotTakenForAnotherWhenManyAskAtOnce() {
    Authenticator authenticator = authenticator();
    String authorization = proof().map(Proof::authorization).orElse("Basic Y2FuYXJ5");
    var all =
        IntStream.range(0, 100)
            .mapToObj(
                i ->
                    Background.supply(
                        () -> addressBy(authenticator, "192.0.2." + i, authorization)))
            .toList();

    for (int i = 0; i < all.size(); i++) {
      assertThat(all.get(i).join()).isIn("192.0.2." + i, "refused");
    }
  }

  private static String addressBy(Authenticator authenticator, String address, String header) {
    try {
      return authenticator.authenticate(address, header).address();
    } catch (OciException e) {
      return "refused";
    }
  }
}
