package io.entrepot.config;

import io.entrepot.access.ClientCertificates.UserFrom;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** The settings of somebody else's token service, and of client certificates. */
final class ForeignLoginTable {
  static final Setting<URI> TOKEN_REALM =
      new Setting<>(
          "auth.token.realm",
          LoginSyntax.url(),
          "",
          "The URL of somebody else's token service. Clients then get their tokens there, and what a"
              + " token names is all that it gives.");
  static final Setting<String> TOKEN_SERVICE =
      new Setting<>(
          "auth.token.service",
          LoginSyntax.word(),
          "",
          "What that token service calls this registry. It must be in `aud`.");
  static final Setting<String> TOKEN_ISSUER =
      new Setting<>(
          "auth.token.issuer",
          LoginSyntax.word(),
          "",
          "What that token service calls itself. It must be in `iss`.");
  static final Setting<Path> TOKEN_ROOTCERTBUNDLE =
      new Setting<>(
          "auth.token.rootcertbundle",
          Syntax.path(),
          "",
          "A PEM file with the certificates of its keys, or of the authorities of them.");
  static final Setting<Path> TOKEN_JWKS =
      new Setting<>(
          "auth.token.jwks",
          Syntax.path(),
          "",
          "A JSON file with its public keys (RFC 7517). A changed file is read again.");
  static final Setting<Path> TLS_CLIENTCA =
      new Setting<>(
          "auth.tls.clientca",
          Syntax.path(),
          "",
          "A PEM file with certificates of authorities. Who shows a certificate of them in TLS is"
              + " logged in. `java -jar` asks for one; other servers must be set up to ask.");
  static final Setting<UserFrom> TLS_USER =
      new Setting<>(
          "auth.tls.user",
          Syntax.choice(List.of(UserFrom.values())),
          "san",
          "Where in the certificate the user name is: `san` is the first alternative name, a mail"
              + " address before a URI before a DNS name; `cn` is the common name.");

  /** In the order in which people should read them. */
  static final List<Setting<?>> ALL =
      List.of(
          TOKEN_REALM,
          TOKEN_SERVICE,
          TOKEN_ISSUER,
          TOKEN_ROOTCERTBUNDLE,
          TOKEN_JWKS,
          TLS_CLIENTCA,
          TLS_USER);

  private ForeignLoginTable() {}
}
