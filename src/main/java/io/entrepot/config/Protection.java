package io.entrepot.config;

import io.entrepot.access.AccessRules;
import io.entrepot.access.ClientCertificates.UserFrom;
import io.entrepot.access.ForeignTokenService;
import io.entrepot.access.LdapPlace;
import io.entrepot.access.OidcClient;
import io.entrepot.access.OidcProvider;
import io.entrepot.access.Ways;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Who may pull and do more.
 *
 * @param ways the ways to log in that are set up
 * @param passwords what checks passwords
 * @param realm the name that clients show when they ask for a password
 * @param tokens the settings of our own tokens
 * @param rules the rules from the settings
 * @param ruleFile the absolute path of the file of more rules
 * @param syntax reads the rules of the file
 */
public record Protection(
    Ways ways,
    Passwords passwords,
    String realm,
    Tokens tokens,
    AccessRules rules,
    Optional<Path> ruleFile,
    AccessRuleSyntax syntax) {

  /**
   * What checks passwords.
   *
   * @param htpasswd the absolute path of the file of users
   * @param container whether the server's realm does
   * @param ldap the directory that does
   */
  public record Passwords(Optional<Path> htpasswd, boolean container, Optional<LdapPlace> ldap) {}

  /**
   * The settings of our own tokens.
   *
   * @param lifetime how long they are valid, 1 minute to 1 hour
   * @param lenient whether users who do not exist count as anonymous in requests for tokens
   * @param foreign the ways to log in that somebody else answers for
   */
  public record Tokens(Duration lifetime, boolean lenient, ForeignLogins foreign) {}

  /**
   * The ways to log in that somebody else answers for.
   *
   * @param oidc the OpenID Connect providers
   * @param tokenService the token service that takes the place of our own
   * @param certificates whose certificates log in
   */
  public record ForeignLogins(
      List<Oidc> oidc,
      Optional<ForeignTokenService> tokenService,
      Optional<ClientTls> certificates) {}

  /**
   * An OpenID Connect provider.
   *
   * @param authorities trusted for TLS to it, besides those of the Java runtime
   * @param client this cache as it knows it; empty if nobody logs in by its page
   */
  public record Oidc(
      OidcProvider provider, List<X509Certificate> authorities, Optional<OidcClient> client) {}

  /**
   * The certificates of clients.
   *
   * @param file the absolute path of the PEM file with the authorities
   * @param authorities what was in it
   * @param user where a certificate has the user name
   */
  public record ClientTls(Path file, List<X509Certificate> authorities, UserFrom user) {}
}
