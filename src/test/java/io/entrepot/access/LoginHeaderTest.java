package io.entrepot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The header Authorization, also as attackers write it. */
class LoginHeaderTest {
  private static String basic(String text) {
    return "Basic "
        + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void basicAndBearerAreRead() {
    assertThat(LoginHeader.parse(List.of())).isEqualTo(new LoginHeader.None());
    assertThat(LoginHeader.parse(List.of(basic("ann:a:b"))))
        .isEqualTo(new LoginHeader.Basic(new PasswordLogin("ann", "a:b")));
    assertThat(LoginHeader.parse(List.of("bEARER abc.def")))
        .isEqualTo(new LoginHeader.Bearer("abc.def"));
    assertThat(new LoginHeader.Basic(new PasswordLogin("ann", "canary")).toString())
        .doesNotContain("canary");
    assertThat(new LoginHeader.Bearer("canary").toString()).doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Digest x",
        "canary"
      })
  void otherTextIsMalformed(String text) {
    assertThat(LoginHeader.parse(List.of(text))).isInstanceOf(LoginHeader.Malformed.class);
  }

  @Test
  void basicWithoutColonOrUtf8IsMalformed() {
    for (String text : List.of("", "ann", "ann:\u00ff\u00fe", "a\u0000nn:x", "ann:x\ny")) {
      assertThat(LoginHeader.parse(List.of(basic(text))))
          .as(text)
          .isInstanceOf(LoginHeader.Malformed.class);
    }
    assertThat(LoginHeader.parse(List.of(basic("ann:x"), basic("ann:x"))))
        .isInstanceOf(LoginHeader.Malformed.class);
  }
}
