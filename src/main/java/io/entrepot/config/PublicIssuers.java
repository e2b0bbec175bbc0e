package io.entrepot.config;

import java.net.URI;
import java.util.Locale;
import java.util.Set;

/** The issuers that give a token to everybody who has an account with them. */
final class PublicIssuers {
  /** Services whose issuers differ by customer, or not, under one host name. */
  private static final Set<String> HOSTS =
      Set.of(
          "accounts.google.com",
          "agent.buildkite.com",
          "api.bitbucket.org",
          "app.harness.io",
          "app.terraform.io",
          "appleid.apple.com",
          "gitlab.com",
          "oauth2.sigstore.dev",
          "oidc.circleci.com",
          "oidc.codefresh.io",
          "oidc.fly.io",
          "oidc.vercel.com",
          "token.actions.githubusercontent.com",
          "vstoken.dev.azure.com",
          "www.facebook.com");

  /** Microsoft's tenant of all private accounts, and the names for all tenants. */
  private static final Set<String> TENANTS =
      Set.of("9188040d-6c67-4c5b-b112-36a304b66dad", "common", "consumers", "organizations");

  private PublicIssuers() {}

  static boolean has(String issuer) {
    URI uri = URI.create(issuer);
    String host = uri.getHost().replaceFirst("\\.$", "").toLowerCase(Locale.ROOT);
    boolean isOpenTenant =
        host.equals("login.microsoftonline.com")
            && TENANTS.stream().anyMatch(tenant -> uri.getPath().startsWith("/" + tenant));
    return HOSTS.contains(host) || host.endsWith(".semaphoreci.com") || isOpenTenant;
  }
}
