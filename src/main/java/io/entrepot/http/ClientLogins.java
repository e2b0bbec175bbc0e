package io.entrepot.http;

import io.entrepot.access.Client;
import io.entrepot.access.Grants;
import io.entrepot.access.Logins;
import io.entrepot.access.UpstreamLogin;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.UpstreamLoginCheck;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The logins of clients at the upstreams whose own word counts for each client. A host name of this
 * cache leads each password to one upstream at most, or to the ways to log in here. Thread-safe.
 */
public final class ClientLogins {
  private final Map<String, ProxiedUpstream> upstreams = new HashMap<>();
  private final Sources sources;
  private final @Nullable String elsewhere;

  /**
   * Takes the upstreams.
   *
   * @param sources has all upstreams
   */
  public ClientLogins(Sources sources) {
    this.sources = sources;
    List<ProxiedUpstream> asked =
        sources.upstreams().stream().filter(upstream -> upstream.grants() != null).toList();
    asked.forEach(upstream -> upstreams.put(upstream.name(), upstream));
    elsewhere =
        asked.stream()
            .filter(upstream -> upstream.hosts().isEmpty())
            .map(ProxiedUpstream::name)
            .findFirst()
            .orElse(null);
  }

  /** Whether there is no such upstream. */
  boolean isNone() {
    return upstreams.isEmpty();
  }

  /** The upstream that passwords are for, if a client has called this host; null for none. */
  @Nullable String upstreamOf(Optional<String> host) {
    return upstreams.isEmpty()
        ? null
        : host.flatMap(sources::atHost)
            .map(ProxiedUpstream::name)
            .filter(upstreams::containsKey)
            .orElse(elsewhere);
  }

  /** The source for a client: with its user name and password, if they are for its upstream. */
  static Source sourceFor(Client client, Source source) {
    UpstreamLogin login = client.login();
    return login != null && login.upstream().equals(source.upstream()) ? source.as(login) : source;
  }

  /** Whether the upstream has said lately that the user name and the password are right. */
  boolean isKnown(UpstreamLogin login) {
    ProxiedUpstream upstream = upstreams.get(login.upstream());
    Grants grants = upstream == null ? null : upstream.grants();
    return grants != null && grants.knows(login.id());
  }

  /**
   * Whether a client may see a repository in lists. Where the upstream's own word counts, it may if
   * the upstream has given it something of the repository lately.
   *
   * @param repository its name in this cache
   */
  boolean shows(Client client, String repository) {
    if (upstreams.isEmpty()) {
      return true;
    }
    ProxiedUpstream upstream = upstreams.get(repository.split("/", 2)[0]);
    Grants grants = upstream == null ? null : upstream.grants();
    if (upstream == null || grants == null) {
      return true;
    }
    UpstreamLogin login = client.login();
    boolean isOfUpstream = login != null && login.upstream().equals(upstream.name());
    return grants.holds(login != null && isOfUpstream ? login.id() : "", repository);
  }

  /**
   * Asks the upstream whether the user name and the password of a client are right, unless it has
   * said so lately.
   *
   * @return the client; fails with an {@link OciException}
   */
  CompletableFuture<Client> check(Client client, Logins logins) {
    UpstreamLogin login = client.login();
    ProxiedUpstream upstream = login == null ? null : upstreams.get(login.upstream());
    if (login == null || upstream == null || isKnown(login)) {
      return CompletableFuture.completedFuture(client);
    }
    return UpstreamLoginCheck.ask(upstream, login, client)
        .whenComplete(
            (right, failure) -> {
              if (failure != null
                  && ClientErrors.unwrapped(failure) instanceof OciException error
                  && error.error() == OciError.UNAUTHORIZED) {
                logins.wrongAtUpstream(client);
              }
            });
  }
}
