package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;

class AnonymousAuthenticatorTest extends AuthenticatorContract {
  @Override
  Authenticator authenticator() {
    return Authenticator.anonymous();
  }

  @Override
  Optional<Proof> proof() {
    return Optional.empty();
  }

  @ParameterizedTest
  @NullSource
  @MethodSource("unproved")
  void everyClientIsAnonymousAndNoneIsRefused(String authorization) {
    assertThat(authenticator().authenticate("192.0.2.1", authorization))
        .isEqualTo(Client.anonymous("192.0.2.1"));
  }
}
