package io.entrepot.routing;

import io.entrepot.access.Client;
import io.entrepot.oci.Cost;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.oci.RepositoryName;
import java.util.concurrent.Executor;

/**
 * A client's request for content of a repository, together with the source of the content and the
 * client. The source is found once; no later code looks up an upstream by name. Thread-safe.
 *
 * @param request the parsed request, with the repository name that the client used
 * @param source the source that the name leads to
 * @param client the client that sent the request
 * @param cost counts the upstream requests that this request causes
 * @param isUse whether the client wants the content itself, and not only to know of it
 */
public record PullRequest(
    RegistryRequest.InRepository request, Source source, Client client, Cost cost, boolean isUse) {
  /** Makes a request that has caused no upstream request yet. */
  public PullRequest(RegistryRequest.InRepository request, Source source, Client client) {
    this(request, source, client, new Cost(), true);
  }

  /** The name of the repository in this cache. */
  public RepositoryName repository() {
    return source.repository();
  }

  /** What counts as one client where clients share something. */
  public String network() {
    return client.network();
  }

  /** Runs short requests to the upstream, on a fair share of the threads for this client. */
  public Executor questions() {
    return source.questions().of(network());
  }

  /**
   * The same request for work beside it. It is no use of the content, and its upstream requests are
   * not counted for the client.
   */
  public PullRequest beside() {
    return new PullRequest(request, source, client, cost.beside(), false);
  }

  /** The requested content as people write it. */
  public String wanted() {
    return request.wanted(source.shown());
  }
}
