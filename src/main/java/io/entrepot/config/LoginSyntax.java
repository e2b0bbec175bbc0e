package io.entrepot.config;

import io.entrepot.access.RepositoryPattern;
import io.entrepot.access.RequiredClaim;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;

/** The syntax of settings about tokens that others sign. */
final class LoginSyntax {
  private static final Pattern WORD = Pattern.compile("[!-~&&[^\",\\\\]]{1,255}");
  private static final Pattern PROVIDER_NAME = Pattern.compile("[a-z0-9-]{1,32}");
  private static final int MAX_PATTERN = 255;

  private LoginSyntax() {}

  /** A text without spaces, commas and quotes. */
  static Syntax<String> word() {
    return Syntax.plain("text", LoginSyntax::toWord);
  }

  static Syntax<List<String>> words() {
    return Syntax.list("list of texts", LoginSyntax::toWord);
  }

  private static String toWord(String text) {
    require(WORD.matcher(text).matches(), "up to 255 characters of ASCII, no spaces or quotes");
    return text;
  }

  /** The issuer of tokens, exactly as it is written. */
  static Syntax<String> issuer() {
    return Syntax.plain(
        "https URL",
        text -> {
          var unused = UrlSyntax.safe(text);
          return text;
        });
  }

  static Syntax<URI> safeUrl() {
    return Syntax.plain("https URL", UrlSyntax::safe);
  }

  static Syntax<URI> url() {
    return Syntax.plain("http or https URL", UrlSyntax::any);
  }

  static Syntax<List<String>> providerNames() {
    return Syntax.list("list of names such as github", LoginSyntax::toProviderName);
  }

  /** The name of an OpenID Connect provider. */
  static String toProviderName(String text) {
    require(
        PROVIDER_NAME.matcher(text).matches() && !text.equals("names"),
        "up to 32 lower case letters, digits and hyphens");
    return text;
  }

  /** Claims of tokens, each with a pattern. */
  static Syntax<List<RequiredClaim>> requiredClaims() {
    return new Syntax<>(
        "list of claim=pattern",
        Syntax.Kind.LIST,
        text -> {
          List<RequiredClaim> claims = Syntax.items(text).map(LoginSyntax::toRequired).toList();
          long names = claims.stream().map(RequiredClaim::claim).distinct().count();
          require(names == claims.size(), "all must hold, so each claim stands once");
          return claims;
        });
  }

  private static RequiredClaim toRequired(String text) {
    int equals = text.indexOf('=');
    String claim = text.substring(0, Math.max(0, equals)).strip();
    String pattern = text.substring(equals + 1).strip();
    require(!claim.isEmpty() && !pattern.isEmpty(), "such as repository=acme/*");
    require(pattern.length() <= MAX_PATTERN, "a pattern has up to 255 characters");
    return new RequiredClaim(claim, new RepositoryPattern(pattern));
  }

  private static void require(boolean condition, String hint) {
    if (!condition) {
      throw new IllegalArgumentException(hint);
    }
  }
}
