package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.routing.Routes;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * The registry API: parses each request once and hands it to the responder of its kind. Mapped to
 * {@code /v2/*} and to {@code /}, so that paths which a server did not recognise as {@code /v2} are
 * refused here too, and nothing of the WAR is ever served as a file.
 */
public final class RegistryServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private final transient Routes routes;
  private final transient BlobResponder blobs;
  private final transient ManifestResponder manifests;
  private final transient ListResponder lists;
  private final transient ErrorResponder errors;
  private final transient Forwarding forwarding;
  private final transient ClientLimit clientLimit;
  private final transient ExchangeLog exchangeLog;
  private final transient Exchanges exchanges;

  public RegistryServlet(
      Routes routes,
      BlobResponder blobs,
      ManifestResponder manifests,
      ListResponder lists,
      ErrorResponder errors,
      Forwarding forwarding,
      ClientLimit clientLimit,
      ExchangeLog exchangeLog,
      Exchanges exchanges) {
    this.routes = routes;
    this.blobs = blobs;
    this.manifests = manifests;
    this.lists = lists;
    this.errors = errors;
    this.forwarding = forwarding;
    this.clientLimit = clientLimit;
    this.exchangeLog = exchangeLog;
    this.exchanges = exchanges;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (request.getDispatcherType() == DispatcherType.ASYNC) {
      throw Abort.of(request);
    }
    Exchange exchange =
        new Exchange(request, response, forwarding.client(request), exchangeLog, exchanges);
    try {
      exchanges.enter(exchange);
      exchange.onEnd(clientLimit.enter(exchange.client()));
      RegistryRequest asked =
          RegistryRequest.parse(request.getMethod(), rawPath(request), request.getQueryString());
      RegistryRequest routed = routed(asked, exchange);
      exchange.wanted(routed.wanted());
      dispatch(routed, exchange);
    } catch (OciException e) {
      errors.send(exchange, e);
    } catch (RuntimeException e) {
      errors.send(exchange, e);
    } finally {
      exchange.returned();
    }
  }

  /**
   * Lets requests finish. This is the one moment of an undeployment that all servers wait for while
   * they still carry responses on: when the listener is told it is too late.
   */
  @Override
  public void destroy() {
    exchanges.drain();
  }

  /** The request under the one name that its repository has here. */
  private RegistryRequest routed(RegistryRequest asked, Exchange exchange) {
    String namespace = exchange.namespace();
    String host = exchange.host().orElse(null);
    return asked.renamed(
        name -> {
          Routes.Route route = routes.route(name, namespace, host);
          if (namespace != null) {
            exchange.response().setHeader(Headers.NAMESPACE, namespace);
          }
          if (route.way() == Routes.Way.HOST) {
            exchange.routedByHost();
          }
          return route.repository();
        });
  }

  private void dispatch(RegistryRequest request, Exchange exchange) throws IOException {
    if (request instanceof RegistryRequest.GetBlob get) {
      blobs.respond(get, exchange);
    } else if (request instanceof RegistryRequest.GetManifest get) {
      manifests.respond(get, exchange);
    } else if (request instanceof RegistryRequest.ListTags list) {
      lists.respond(list, exchange);
    } else if (request instanceof RegistryRequest.ListRepositories list) {
      lists.respond(list, exchange);
    } else if (request instanceof RegistryRequest.ListReferrers list) {
      lists.respond(list, exchange);
    } else {
      lists.respondVersion(exchange);
    }
  }

  /** As it came over the wire: only the servers' decoded paths differ, not this one (S10). */
  private static String rawPath(HttpServletRequest request) {
    String uri = request.getRequestURI();
    String context = request.getContextPath();
    if (!uri.startsWith(context)) {
      throw new OciException(OciError.NAME_INVALID, "the path is not within this application");
    }
    return uri.substring(context.length());
  }
}
