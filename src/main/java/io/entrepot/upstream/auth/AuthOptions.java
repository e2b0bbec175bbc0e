package io.entrepot.upstream.auth;

import io.entrepot.upstream.Origin;
import io.entrepot.upstream.credentials.CredentialSource;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How to authenticate at an upstream.
 *
 * @param credentials where the credentials come from. They are sent only over https (loopback
 *     excepted), and only to the upstream's own origin or a trusted realm
 * @param anonymousFallback whether to go on anonymously where the credentials are refused
 * @param trustedRealms token services at other origins that may see the credentials
 */
public record AuthOptions(
    CredentialSource credentials, boolean anonymousFallback, List<TrustedRealm> trustedRealms) {
  /** Without credentials. */
  public static final AuthOptions ANONYMOUS =
      new AuthOptions(CredentialSource.ANONYMOUS, false, List.of());

  public AuthOptions {
    trustedRealms = List.copyOf(trustedRealms);
  }

  /** The origins of the trusted realms. */
  public Set<Origin> trustedOrigins() {
    return trustedRealms.stream().map(TrustedRealm::origin).collect(Collectors.toSet());
  }

  /** Which realms see the credentials for this upstream. */
  public RealmPolicy policy(URI upstream) {
    return new RealmPolicy(Origin.of(upstream).orElseThrow(), trustedRealms);
  }

  public AuthOptions withCredentials(CredentialSource other) {
    return new AuthOptions(other, anonymousFallback, trustedRealms);
  }

  public AuthOptions withAnonymousFallback(boolean fallback) {
    return new AuthOptions(credentials, fallback, trustedRealms);
  }

  public AuthOptions withTrustedRealms(List<TrustedRealm> others) {
    return new AuthOptions(credentials, anonymousFallback, others);
  }
}
