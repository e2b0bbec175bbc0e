package io.entrepot.http;

import io.entrepot.access.Client;
import io.entrepot.oci.Cost;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.oci.RegistryRequest.GetBlob;
import io.entrepot.oci.RegistryRequest.GetManifest;
import io.entrepot.oci.RegistryRequest.GetRoot;
import io.entrepot.oci.RegistryRequest.InRepository;
import io.entrepot.oci.RegistryRequest.ListReferrers;
import io.entrepot.oci.RegistryRequest.ListRepositories;
import io.entrepot.oci.RegistryRequest.ListTags;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Via;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import io.entrepot.routing.Sources.Route;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * The servlet of the registry API. It parses each request once and passes it to the responder for
 * its kind. It is mapped to {@code /v2/*} and to {@code /}. So it also refuses paths that the
 * server did not recognise as {@code /v2}, and the server never sends a file of the WAR.
 */
public final class RegistryServlet extends ExchangeServlet {
  private static final long serialVersionUID = 1L;

  private final transient Sources sources;
  private final transient LoopGuard loops;
  private final transient ClientAccess clients;
  private final transient Responders responders;
  private final transient Exchanges exchanges;

  /** The responders for all kinds of requests. */
  public record Responders(
      BlobResponder blobs,
      ManifestResponder manifests,
      ListResponder lists,
      ErrorResponder errors) {}

  /** Wires the collaborators. */
  public RegistryServlet(
      Sources sources,
      LoopGuard loops,
      ClientAccess clients,
      Responders responders,
      ExchangeLog log,
      Exchanges exchanges) {
    super(clients.forwarding(), responders.errors(), log, exchanges);
    this.sources = sources;
    this.loops = loops;
    this.clients = clients;
    this.responders = responders;
    this.exchanges = exchanges;
  }

  @Override
  void answer(Exchange exchange) throws IOException {
    HttpServletRequest request = exchange.request();
    RegistryRequest asked =
        RegistryRequest.parse(request.getMethod(), rawPath(request), request.getQueryString());
    Via via = loops.enter(request);
    clients.enter(exchange);
    if (asked instanceof InRepository) {
      exchange.facts().namespace(WantedNamespace.of(request));
    }
    AccessControl control = clients.control();
    if (control == null) {
      answer(asked, Client.anonymous(exchange.facts().address()), via, exchange);
    } else {
      identify(control, asked, via, exchange);
    }
  }

  /** Answers when it is known who asks. Most often that is known at once. */
  private void identify(AccessControl control, RegistryRequest asked, Via via, Exchange exchange)
      throws IOException {
    CompletableFuture<Client> login = control.identify(exchange);
    if (login.isDone() && !login.isCompletedExceptionally()) {
      answer(asked, login.join(), via, exchange);
    } else {
      answers().send(login, exchange, client -> answer(asked, client, via, exchange));
    }
  }

  private AsyncAnswers answers() {
    return responders.lists().answers();
  }

  private void answer(RegistryRequest asked, Client client, Via via, Exchange exchange)
      throws IOException {
    AccessControl control = clients.control();
    if (control != null) {
      exchange.facts().principal(client.who());
    }
    if (asked instanceof InRepository inRepository) {
      pull(inRepository, client, new Cost(via), exchange);
    } else if (asked instanceof GetRoot) {
      responders.lists().respondRoot(exchange);
    } else if (asked instanceof ListRepositories list) {
      if (control == null) {
        responders.lists().respond(list, repository -> true, exchange);
      } else {
        control.checkCatalog(client, exchange);
        responders.lists().respond(list, control.pullableBy(client), exchange);
      }
    } else {
      if (control != null) {
        control.checkVersion(client, exchange);
      }
      if (control != null && client.login() != null && client.scopes() == null) {
        answers()
            .send(
                control.checkLogin(client),
                exchange,
                checked -> responders.lists().respondVersion(exchange));
      } else {
        responders.lists().respondVersion(exchange);
      }
    }
  }

  /**
   * Waits for unfinished requests. During an undeployment all servers wait for this method and
   * still send responses. When they call the context listener it is too late.
   */
  @Override
  public void destroy() {
    exchanges.drain();
  }

  private void pull(InRepository asked, Client client, Cost cost, Exchange exchange)
      throws IOException {
    RequestFacts facts = exchange.facts();
    exchange.response().setHeader("Vary", Headers.NAMESPACE);
    String namespace = facts.namespace();
    Route route = route(asked, client, exchange);
    Source source = ClientLogins.sourceFor(client, route.source());
    source.checkAdmitted();
    AccessControl control = clients.control();
    if (control != null && source.isPerClient()) {
      control.expectRefusal(client, asked.repository(), exchange);
    }
    if (route.way() == Sources.Way.NAMESPACE && namespace != null) {
      exchange.response().setHeader(Headers.NAMESPACE, namespace);
    }
    PullRequest pull = new PullRequest(asked, source, client, cost, !facts.isHead());
    facts.pull(pull, route.way() == Sources.Way.HOST);
    if (asked instanceof GetBlob get) {
      responders.blobs().respond(pull, get, exchange);
    } else if (asked instanceof GetManifest get) {
      responders.manifests().respond(pull, get, exchange);
    } else if (asked instanceof ListTags list) {
      responders.lists().respond(pull, list, exchange);
    } else if (asked instanceof ListReferrers list) {
      responders.lists().respond(pull, list, exchange);
    }
  }

  /**
   * Finds what the name leads to, and checks that the client may pull that. What leads to no
   * upstream is answered like what the client may not pull, unless a rule gives it that name.
   */
  private Route route(InRepository asked, Client client, Exchange exchange) {
    AccessControl control = clients.control();
    RequestFacts facts = exchange.facts();
    RepositoryName name = asked.repository();
    Route route;
    try {
      route = sources.trace(name, facts.namespace(), facts.host().orElse(null));
    } catch (OciException e) {
      if (control != null) {
        control.checkPull(client, name, name.value(), exchange);
      }
      throw e;
    }
    if (control != null) {
      control.checkPull(client, name, route.source().repository().value(), exchange);
    }
    return route;
  }

  /**
   * The path as the client sent it. Servers decode paths differently, but this one is the same on
   * all of them (S10).
   */
  static String rawPath(HttpServletRequest request) {
    String uri = request.getRequestURI();
    String context = request.getContextPath();
    if (!uri.startsWith(context)) {
      throw new OciException(OciError.NAME_INVALID, "the path is not within this application");
    }
    return uri.substring(context.length());
  }
}
