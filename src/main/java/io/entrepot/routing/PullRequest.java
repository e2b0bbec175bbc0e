package io.entrepot.routing;

import io.entrepot.access.Client;
import io.entrepot.oci.Cost;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.oci.RepositoryName;

/**
 * One request for something of a repository: what is asked for, where that leads, and who asks.
 * Nothing that handles it looks up an upstream by name again. Thread-safe.
 *
 * @param request what is asked for, under the name that the client used
 * @param source what that name leads to
 * @param client who asks
 * @param cost counts the upstream requests made for it
 */
public record PullRequest(
    RegistryRequest.InRepository request, Source source, Client client, Cost cost) {
  /** A request that has cost nothing yet. */
  public PullRequest(RegistryRequest.InRepository request, Source source, Client client) {
    this(request, source, client, new Cost());
  }

  /** The repository's name here. */
  public RepositoryName repository() {
    return source.repository();
  }

  /** What is asked for, as people write it, under the repository's name here. */
  public String wanted() {
    return request.wanted(repository());
  }
}
