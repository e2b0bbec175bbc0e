package io.entrepot.access;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * A provider of OpenID Connect whose tokens log in.
 *
 * @param name as rules write it behind {@code oidc.}
 * @param issuer who it is, exactly as its tokens say
 * @param audiences for whom a token may be made; not empty
 * @param jwks where its keys are; empty if its configuration says so
 * @param user the claim with the user name
 * @param groups the claim with the groups
 * @param required what tokens must say besides
 */
public record OidcProvider(
    String name,
    String issuer,
    List<String> audiences,
    Optional<URI> jwks,
    String user,
    String groups,
    List<RequiredClaim> required) {
  public OidcProvider {
    audiences = List.copyOf(audiences);
    required = List.copyOf(required);
  }

  /** The way to log in, for principals and rules. */
  String way() {
    return way(name);
  }

  /** The way to log in by the provider with a name. */
  public static String way(String name) {
    return "oidc." + name;
  }

  /** What is read of it first. */
  public URI firstDocument() {
    return jwks.orElseGet(this::configuration);
  }

  /** Where its configuration is (OpenID Connect Discovery 1.0, section 4). */
  URI configuration() {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    return URI.create(base + "/.well-known/openid-configuration");
  }
}
