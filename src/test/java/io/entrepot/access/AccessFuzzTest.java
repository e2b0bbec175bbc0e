package io.entrepot.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Any bytes where a client says who it is and what it wants, and in a file of users (S12, S22). */
class AccessFuzzTest {
  private static final int MAX_SCOPES = 16;

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
}
