package io.entrepot.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.nimbusds.jose.jwk.JWK;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * Any bytes where a client says who it is and what it wants, in a file of users, and in what a
 * provider of logins says (S12, S22).
 */
class AccessFuzzTest {
  private static final int MAX_SCOPES = 16;

  private static final String KEY =
      "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\","
          + "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
          + "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}";

  private static final KeySet KEYS = keys();

  /** By a key of this name, with a signature that is none. */
  private static final SignedToken TOKEN =
      SignedToken.parse("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.e30.c2ln").orElseThrow();

  private static KeySet keys() {
    try {
      return KeySet.parse(KEY.getBytes(UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @FuzzTest
  void loginHeaders(byte[] data) {
    LoginHeader header = LoginHeader.parse(new String(data, ISO_8859_1).lines().toList());
    if (header instanceof LoginHeader.Basic basic) {
      String user = basic.login().user();
      assertThat(user).doesNotContain(":");
      assertThat(user.chars().noneMatch(Character::isISOControl)).isTrue();
    } else if (header instanceof LoginHeader.Bearer bearer) {
      assertThat(bearer.token()).isNotEmpty().doesNotContain(" ");
      assertThat(bearer.toString()).doesNotContain(":").hasSizeLessThan(20);
    } else if (header instanceof LoginHeader.Malformed malformed) {
      assertThat(malformed.why()).isNotBlank().hasSizeLessThan(100);
    }
  }

  @FuzzTest
  void usersFiles(byte[] data) {
    try {
      HtpasswdFile.parse(data)
          .hashes()
          .forEach(
              (user, hash) -> {
                assertThat(user).isNotEmpty().doesNotContain(":", "\n");
                assertThat(hash).matches("\\$2[aby]\\$(0[4-9]|1[0-4])\\$[./A-Za-z0-9]{53}");
              });
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  @FuzzTest
  void scopes(byte[] data) {
    Set<TokenScope> scopes = TokenScope.parse(new String(data, UTF_8).lines().toList());
    assertThat(scopes).hasSizeLessThanOrEqualTo(MAX_SCOPES);
    for (TokenScope scope : scopes) {
      assertThat(scope.action()).isIn("pull", "*");
      assertThat(scope.name()).hasSizeLessThanOrEqualTo(255).doesNotContain(" ", "\n");
      assertThat(TokenScope.parse(List.of(scope.toString()))).containsExactly(scope);
    }
  }

  /** A token that somebody else has signed: its head, its claims, and what they are asked for. */
  @FuzzTest
  void signedTokens(byte[] data) {
    int middle = data.length == 0 ? 0 : Math.min(data.length, data[0] & 0xff);
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    String head = encoder.encodeToString(Arrays.copyOfRange(data, 0, middle));
    String claims = encoder.encodeToString(Arrays.copyOfRange(data, middle, data.length));
    for (String text : List.of(new String(data, ISO_8859_1), head + "." + claims + ".c2ln")) {
      SignedToken.parse(text).ifPresent(AccessFuzzTest::assertProvesNothing);
    }
    SignedToken.parse(
            "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ." + encoder.encodeToString(data) + ".c2ln")
        .ifPresent(AccessFuzzTest::assertProvesNothing);
  }

  private static void assertProvesNothing(SignedToken token) {
    assertThat(token.algorithm().getName()).matches("[RPE]S(256|384|512)");
    assertThat(token.certificates()).hasSizeLessThanOrEqualTo(5);
    assertThat(KEYS.check(token)).isNotEqualTo(KeySet.Check.SIGNED);
    assertThat(token.toString()).isEqualTo("a token");
    for (String claim : List.of("iss", "aud", "sub", "groups", "exp")) {
      assertThat(token.claims().strings(claim)).doesNotContainNull();
      token.claims().time(claim).ifPresent(time -> assertThat(time).isBefore(Instant.MAX));
    }
    token.claims().access().ifPresent(access -> assertThat(access).doesNotContainNull());
  }

  @FuzzTest
  void keySets(byte[] data) {
    try {
      KeySet keys = KeySet.parse(data);
      assertThat(keys.keys()).isNotEmpty().hasSizeLessThanOrEqualTo(64);
      assertThat(keys.keys()).noneMatch(JWK::isPrivate);
      assertThat(keys.check(TOKEN)).isNotEqualTo(KeySet.Check.SIGNED);
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
