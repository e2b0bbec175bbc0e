package io.entrepot.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.tags.ListAnswer;
import io.entrepot.cache.tags.ListCache;
import io.entrepot.cache.tags.ReferrersCache;
import io.entrepot.oci.Cursor;
import io.entrepot.oci.Json;
import io.entrepot.oci.Page;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.oci.RegistryRequest.ListReferrers;
import io.entrepot.oci.RegistryRequest.ListRepositories;
import io.entrepot.oci.RegistryRequest.ListTags;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
import io.entrepot.store.HeldBody;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.StringJoiner;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Answers requests for lists (tags, repositories, referrers) and the version check. */
public final class ListResponder {
  private static final ObjectMapper JSON = Json.mapper();

  private final ListCache lists;
  private final ReferrersCache referrers;
  private final String host;
  private final AsyncAnswers answers;
  private final Clock clock;

  /**
   * Wires the collaborators.
   *
   * @param host the URL of this cache as clients use it, for links. If it is empty, links use the
   *     host that a trusted proxy sent; without such a proxy they are relative, and the client uses
   *     the same host again (S11).
   */
  public ListResponder(
      ListCache lists, ReferrersCache referrers, String host, AsyncAnswers answers, Clock clock) {
    this.lists = lists;
    this.referrers = referrers;
    this.host = host;
    this.answers = answers;
    this.clock = clock;
  }

  /**
   * Answers end-1. Always succeeds, because this cache can serve stored content when the upstream
   * fails.
   */
  void respondVersion(Exchange exchange) throws IOException {
    exchange.facts().kind("version");
    Headers.uncached(exchange.response(), "version");
    write(exchange, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
  }

  /** Leads a browser to the web pages. Everybody else has made a mistake. */
  void respondRoot(Exchange exchange) throws IOException {
    if (exchange.headers("Accept").stream().noneMatch(accepted -> accepted.contains("text/html"))) {
      throw RegistryRequest.unknown("/");
    }
    exchange.facts().kind("root");
    HttpServletResponse response = exchange.response();
    response.setHeader("Vary", "Accept");
    response.setHeader("Location", "ui/"); // relative, so that it works behind any prefix
    Headers.uncached(response, "root");
    response.setStatus(HttpServletResponse.SC_FOUND);
    write(exchange, "text/plain", new byte[0]);
  }

  void respond(PullRequest pull, ListTags list, Exchange exchange) {
    exchange.facts().kind("tags");
    String path = "/v2/" + list.repository() + "/tags/list";
    answers.send(
        lists.tags(pull, list.page()),
        exchange,
        answer -> {
          ObjectNode body = JSON.createObjectNode();
          body.put("name", list.repository().value());
          sendPage(exchange, answer, body, "tags", path);
        });
  }

  AsyncAnswers answers() {
    return answers;
  }

  /**
   * Answers with the repositories that are here.
   *
   * @param pullable which of them the client may pull
   */
  void respond(ListRepositories list, Predicate<RepositoryName> pullable, Exchange exchange) {
    exchange.facts().kind("catalog");
    answers.send(
        lists.repositories(list.page(), pullable),
        exchange,
        answer ->
            sendPage(exchange, answer, JSON.createObjectNode(), "repositories", "/v2/_catalog"));
  }

  void respond(PullRequest pull, ListReferrers list, Exchange exchange) {
    exchange.facts().kind("referrers");
    answers.send(
        referrers.get(pull, list),
        exchange,
        answer -> {
          outcome(exchange, answer.outcome(), answer.since());
          Cursor next = answer.next();
          if (next != null) {
            String path = "/v2/" + list.repository() + "/referrers/" + list.subject();
            StringJoiner query = new StringJoiner("&", "?", "");
            add(query, "artifactType", list.artifactType());
            link(exchange, path, query, next);
          }
          if (answer.filtered()) {
            exchange.response().setHeader("OCI-Filters-Applied", "artifactType");
          }
          write(exchange, "application/vnd.oci.image.index.v1+json", answer.index());
        });
  }

  private void sendPage(
      Exchange exchange, ListAnswer answer, ObjectNode body, String field, String path)
      throws IOException {
    ArrayNode entries = body.putArray(field);
    answer.entries().forEach(entries::add);
    outcome(exchange, answer.outcome(), clock.instant());
    Page next = answer.next();
    if (next != null) {
      StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
      add(query, "last", next.last());
      add(query, "n", next.n() == null ? null : next.n().toString());
      link(exchange, path, query, next.cursor());
    }
    write(exchange, "application/json", JSON.writeValueAsBytes(body));
  }

  /** Sets the link to the next page, to be asked for here. */
  private void link(Exchange exchange, String path, StringJoiner query, @Nullable Cursor cursor) {
    add(query, "ns", exchange.facts().namespace());
    add(query, Cursor.PARAMETER, cursor == null ? null : cursor.toString());
    // A client that is routed by its host name must use that name again. The configured URL would
    // lead to another upstream.
    String base =
        host.isEmpty() || exchange.facts().isRoutedByHost() ? exchange.facts().origin() : host;
    exchange.response().setHeader("Link", "<" + base + path + query + ">; rel=\"next\"");
  }

  private static void add(StringJoiner query, String name, @Nullable String value) {
    if (value != null) {
      query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }

  private void outcome(Exchange exchange, CacheOutcome outcome, Instant since) {
    exchange.facts().outcome(outcome);
    Headers.outcome(exchange.response(), outcome, since, clock);
  }

  private void write(Exchange exchange, String contentType, byte[] body) throws IOException {
    Headers.common(exchange.response());
    exchange.response().setContentType(contentType);
    answers.sendBody(exchange, new HeldBody(body));
  }
}
