package io.entrepot.boot;

import io.entrepot.access.KeySource;
import io.entrepot.access.OidcProvider;
import io.entrepot.access.OidcTokens;
import io.entrepot.access.ProviderLogins;
import io.entrepot.access.TokenKeys;
import io.entrepot.config.Protection;
import io.entrepot.config.Settings;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.upstream.wire.RedirectTargets;
import io.entrepot.upstream.wire.UpstreamTls;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes what reads the tokens of OpenID Connect providers, with the connections to them, from the
 * settings. The providers are reached by the same proxy as the default upstream.
 */
final class OidcParts implements AutoCloseable {
  /** Their configuration, and their keys. */
  private static final int MAX_CONNECTIONS = 2;

  private final Settings settings;
  private final MemoryBudget memory;
  private final Threads threads;
  private final List<KeySource> sources = new ArrayList<>();
  private final List<ProviderLogins.Place> pages = new ArrayList<>();
  private final Optional<OidcTokens> tokens;

  OidcParts(Settings settings, MemoryBudget memory, Threads threads, Clock clock) {
    this.settings = settings;
    this.memory = memory;
    this.threads = threads;
    Map<OidcProvider, KeySource> opened = new LinkedHashMap<>();
    for (Protection.Oidc each : providers()) {
      ProviderDocuments documents = documents(each.provider(), each.authorities());
      opened.put(each.provider(), documents);
      each.client()
          .map(it -> new ProviderLogins.Place(each.provider(), it, documents, documents))
          .ifPresent(pages::add);
    }
    sources.addAll(opened.values());
    tokens =
        opened.isEmpty()
            ? Optional.empty()
            : Optional.of(new OidcTokens(opened, threads.keys(), memory.forOneOf(caches()), clock));
  }

  private int caches() {
    return settings.protection().map(AccessParts::caches).orElse(1);
  }

  private List<Protection.Oidc> providers() {
    return settings
        .protection()
        .map(protection -> protection.tokens().foreign().oidc())
        .orElse(List.of());
  }

  private ProviderDocuments documents(OidcProvider provider, List<X509Certificate> authorities) {
    URI first = provider.firstDocument();
    return new ProviderDocuments(
        settings
            .proxy()
            .wire()
            .at(URI.create(first.getScheme() + "://" + first.getRawAuthority()))
            .withMaxConnections(MAX_CONNECTIONS)
            .withTls(new UpstreamTls(authorities, null, false))
            .withRedirects(
                RedirectTargets.none(
                    "if its keys may be there, set auth.oidc."
                        + provider.name()
                        + ".jwks to their URL")),
        threads.timer(),
        memory.allowance(Share.BODIES));
  }

  /** Logs in by their tokens; empty if there are no providers. */
  Optional<OidcTokens> tokens() {
    return tokens;
  }

  /**
   * Logs in by the pages of the providers; empty if no provider knows this cache as a client.
   *
   * @param keys sign what a browser keeps meanwhile
   */
  Optional<ProviderLogins> logins(TokenKeys keys, String deployment, Clock clock) {
    return tokens
        .filter(reader -> !pages.isEmpty())
        .map(reader -> new ProviderLogins(pages, reader, keys, deployment, clock));
  }

  /** Reads the keys of all providers in the background. */
  void start() {
    tokens.ifPresent(OidcTokens::start);
  }

  @Override
  public void close() {
    sources.forEach(KeySource::close);
  }
}
