package io.entrepot.upstream.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import java.net.URLEncoder;
import java.util.Base64;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a text of an upstream must not show (S36). */
class SentSecretsTest {
  private static final String PASSWORD = "pa\"s s/w+ö&rd%>~?";
  private static final String TOKEN =
      "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4iLCJleHAiOjE3fQ.c2lnbmF0dXJlLW9mLWEtdG9rZW4";

  private final SentSecrets secrets = new SentSecrets();

  private static String basic(String secret) {
    return Base64.getEncoder().encodeToString(("ann:" + secret).getBytes(UTF_8));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String url(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }

  static String[] formsOfThePassword() {
    String escaped = URLEncoder.encode(PASSWORD, UTF_8);
    return new String[] {
      PASSWORD,
      "ann:" + PASSWORD,
      basic(PASSWORD),
      "Basic " + basic(PASSWORD),
      basic(PASSWORD).replace("=", ""),
      url("ann:" + PASSWORD),
      base64(PASSWORD),
      base64("x" + PASSWORD),
      base64("xy" + PASSWORD + "z"),
      "/path/" + url(PASSWORD),
      base64(base64(PASSWORD)),
      escaped,
      escaped.replace("+", "%20"),
      escaped.toLowerCase(Locale.ROOT),
      "https://x.example/?p=" + URLEncoder.encode(basic(PASSWORD), UTF_8),
      PASSWORD.replace("\"", "\\\"").replace("/", "\\/"),
      PASSWORD.replace("\"", "\\u0022").replace("ö", "\\u00f6"),
      PASSWORD.replace("&", "&amp;").replace("\"", "&quot;").replace(">", "&#62;"),
      PASSWORD.toUpperCase(Locale.ROOT)
    };
  }

  /** Part of it may be escaped and part not; UTF-8 of a header is a character for each byte. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "€uro-and-ö-and-more words",
        "%E2%82%ACuro-and-ö-and-more%20words",
        "€uro-and-%C3%B6-and-more%20words",
        "€uro-and-ö-and-more%20words",
        "\\u20acuro-and-%c3%b6-and-more+words",
        "%FF%E2%82%ACuro-and-%C3%B6-and-more%20words%",
        "â\u0082¬uro-and-Ã¶-and-more words"
      })
  void passwordBeyondLatinIsHiddenInEveryMixture(String form) {
    secrets.sentCredential("€uro-and-ö-and-more words");

    assertThat(secrets.isTold(form)).isTrue();
    assertThat(secrets.hide("you sent " + form)).contains("***").doesNotContain("uro-and");
  }

  @Test
  void shortPasswordBeyondLatinIsHiddenToo() {
    secrets.sentCredential("€100?ö");

    assertThat(secrets.hide("you sent €100%3F%C3%B6")).doesNotContain("100");
    assertThat(secrets.hide("you sent €100%3Fö")).doesNotContain("100");
  }

  @ParameterizedTest
  @MethodSource("formsOfThePassword")
  void passwordIsHiddenInEveryForm(String form) {
    secrets.sentAuthorization("Basic " + basic(PASSWORD));

    String shown = secrets.hide("you sent " + form + " to us");

    assertThat(shown).contains("***").doesNotContain(form);
    assertThat(secrets.hide(shown)).isEqualTo(shown);
  }

  static String[] formsOfTheToken() {
    return new String[] {
      TOKEN,
      "Bearer " + TOKEN,
      TOKEN.substring(0, 15),
      TOKEN.substring(30, 46),
      TOKEN.substring(TOKEN.length() - 15),
      "x" + TOKEN + "y",
      "https://cdn.example/echo/" + TOKEN + "/x",
      base64(TOKEN),
      base64("Authorization: Bearer " + TOKEN),
      URLEncoder.encode(base64(TOKEN), UTF_8),
      "token=" + TOKEN.toLowerCase(Locale.ROOT)
    };
  }

  @ParameterizedTest
  @MethodSource("formsOfTheToken")
  void tokenAndItsLongPiecesAreHidden(String form) {
    secrets.sentAuthorization("Bearer " + TOKEN);

    assertThat(secrets.hide("error: " + form)).startsWith("error: ").endsWith("***");
    assertThat(secrets.isTold(form)).isTrue();
  }

  @Test
  void aroundAShortSecretTheTextIsKept() {
    secrets.sentAuthorization("Basic " + basic("hunter2"));
    secrets.sentAuthorization("Bearer T");

    assertThat(secrets.hide("at https://x.example/Hunter2/v2 is hunter2, not " + basic("hunter2")))
        .isEqualTo("at https://x.example/***/v2 is ***, not ***");
  }

  @Test
  void refreshTokenAndPresignedQueryAreHidden() {
    secrets.sentForm(
        "grant_type=refresh_token&client_id=entrepot&refresh_token=re%2Ffresh&scope=a");
    secrets.sentQuery("X-Amz-Date=20261130&X-Amz-Signature=0123456789abcdef%2F0123456789abcdef");

    assertThat(secrets.hide("got re/fresh")).isEqualTo("got ***");
    assertThat(secrets.hide("grant_type entrepot")).isEqualTo("grant_type entrepot");
    assertThat(secrets.hide("bad signature 0123456789abcdef/0123456789abcdef at 20261130"))
        .isEqualTo("bad signature *** at 20261130");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "requested access to the resource is denied",
        "manifest unknown: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "eyJhbGciOi is no piece that is long enough",
        "100% \\ &amp; %zz &#0; \\u12"
      })
  void otherTextStaysAsItIs(String text) {
    secrets.sentAuthorization("Basic " + basic(PASSWORD));
    secrets.sentAuthorization("Bearer " + TOKEN);

    assertThat(secrets.hide(text)).isEqualTo(text);
    assertThat(secrets.isTold(text)).isFalse();
  }

  @Test
  void rotatedSecretsAreKnownForAWhileAndThenForgotten() {
    secrets.sentAuthorization("Basic " + basic("first-password"));
    secrets.sentAuthorization("Basic " + basic("second-password"));
    for (int i = 0; i < 5_000; i++) {
      secrets.sentAuthorization("Bearer " + token(i));
    }

    assertThat(secrets.hide("first-password second-password")).isEqualTo("*** ***");
    assertThat(secrets.hide(token(4999))).isEqualTo("***");
    assertThat(secrets.hide(token(4))).isEqualTo(token(4));

    for (int i = 0; i < 8_000; i++) {
      secrets.sentCredential("password-" + i);
    }
    assertThat(secrets.hide("first-password password-7999")).isEqualTo("first-password ***");
  }

  private static String token(int number) {
    return Digest.ofBytes(Digest.Algorithm.SHA512, Integer.toString(number).getBytes(UTF_8)).hex();
  }

  @Test
  void textThatIsTooLargeToBeReadIsNotShown() {
    secrets.sentAuthorization("Bearer " + TOKEN);

    assertThat(secrets.hide("x ".repeat(200_000))).isEqualTo("***");
  }
}
