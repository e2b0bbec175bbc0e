package io.entrepot.config;

import io.entrepot.access.RequiredClaim;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The settings of OpenID Connect providers. Each provider has a name, which takes the place of
 * {@code NAME} in the keys.
 */
final class OidcTable {
  private static final String PREFIX = "auth.oidc.";
  private static final String TEMPLATE = PREFIX + "NAME.";

  static final Setting<List<String>> NAMES =
      new Setting<>(
          PREFIX + "names",
          LoginSyntax.providerNames(),
          "",
          "The names of OpenID Connect providers whose tokens log in. One that has keys of its own"
              + " under `auth.oidc.NAME` in `config.yml` need not be listed.");
  static final Setting<String> ISSUER =
      new Setting<>(
          TEMPLATE + "issuer",
          LoginSyntax.issuer(),
          "",
          "The issuer, exactly as its tokens have it in `iss`, such as"
              + " `https://token.actions.githubusercontent.com`.");
  static final Setting<List<String>> AUDIENCE =
      new Setting<>(
          TEMPLATE + "audience",
          LoginSyntax.words(),
          "",
          "For whom a token must be made: one of these must be in `aud`. It must be given.");
  static final Setting<URI> JWKS =
      new Setting<>(
          TEMPLATE + "jwks",
          LoginSyntax.safeUrl(),
          "",
          "Where the public keys of the provider are. Without it, its"
              + " `/.well-known/openid-configuration` says so.");
  static final Setting<Path> CA =
      new Setting<>(
          TEMPLATE + "ca",
          Syntax.path(),
          "",
          "A PEM file with certificates of authorities, for TLS to the provider. They are trusted"
              + " besides those of the Java runtime.");
  static final Setting<String> USER =
      new Setting<>(
          TEMPLATE + "user", LoginSyntax.word(), "sub", "The claim that has the user name.");
  static final Setting<String> GROUPS =
      new Setting<>(
          TEMPLATE + "groups",
          LoginSyntax.word(),
          "groups",
          "The claim that has the groups: a list of texts, or one text.");
  static final Setting<List<RequiredClaim>> REQUIRE =
      new Setting<>(
          TEMPLATE + "require",
          LoginSyntax.requiredClaims(),
          "",
          "What a token must say besides, such as `repository=acme/*, ref=refs/heads/main`. All of"
              + " them must hold. `*` matches no slash, `**` matches all. It must be given for"
              + " providers that give everybody a token, such as GitHub Actions and gitlab.com.");

  static final Setting<String> CLIENTID =
      new Setting<>(
          TEMPLATE + "clientid",
          LoginSyntax.word(),
          "",
          "The client id that the provider has given to this cache. With it, people log in on the"
              + " web pages by the provider's own page, which leads back to `/api/callback`.");
  static final Setting<Secret> CLIENTSECRET =
      new Setting<>(
          TEMPLATE + "clientsecret",
          Syntax.secret(),
          "",
          "The secret of this client, if it has one.");
  static final Setting<Path> CLIENTSECRETFILE =
      new Setting<>(
          TEMPLATE + "clientsecretfile",
          Syntax.path(),
          "",
          "A file with this secret instead, which is read at the start.");
  static final Setting<List<String>> SCOPES =
      new Setting<>(
          TEMPLATE + "scopes",
          LoginSyntax.words(),
          "openid",
          "What the provider is asked to tell of such a person, such as `openid, profile, groups`."
              + " `openid` must be among them.");

  private static final List<Setting<?>> OF_PROVIDER =
      List.of(
          ISSUER,
          AUDIENCE,
          JWKS,
          CA,
          USER,
          GROUPS,
          REQUIRE,
          CLIENTID,
          CLIENTSECRET,
          CLIENTSECRETFILE,
          SCOPES);

  /** In the order in which people should read them. */
  static final List<Setting<?>> ALL =
      Stream.concat(Stream.of(NAMES), OF_PROVIDER.stream()).toList();

  private OidcTable() {}

  /** The setting of one provider. */
  static <T> Setting<T> of(String provider, Setting<T> setting) {
    return new Setting<>(
        PREFIX + provider + "." + setting.key().substring(TEMPLATE.length()),
        setting.syntax(),
        setting.fallback(),
        setting.meaning());
  }

  /** All settings of one provider. */
  static List<Setting<?>> of(String provider) {
    return OF_PROVIDER.stream().<Setting<?>>map(setting -> of(provider, setting)).toList();
  }

  /** Whether it stands for the settings of all providers, and is none itself. */
  static boolean isTemplate(Setting<?> setting) {
    return OF_PROVIDER.contains(setting);
  }

  /** Whether a key belongs to a provider, or is the section of one. */
  static boolean has(String key) {
    return key.startsWith(PREFIX);
  }

  /** The name of the provider that a key of a file belongs to; empty if it belongs to none. */
  static String provider(String key) {
    int end = key.indexOf('.', PREFIX.length());
    return has(key) && end > 0 ? key.substring(PREFIX.length(), end) : "";
  }
}
