package io.entrepot.http;

import io.entrepot.cache.blobs.Ahead;
import io.entrepot.cache.tags.ManifestAnswer;
import io.entrepot.cache.tags.ManifestCache;
import io.entrepot.oci.RegistryRequest.GetManifest;
import io.entrepot.routing.PullRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;

/** Answers requests for manifests, by tag and by digest. */
public final class ManifestResponder {
  private final ManifestCache cache;
  private final Ahead ahead;
  private final AsyncAnswers answers;
  private final Clock clock;

  public ManifestResponder(ManifestCache cache, Ahead ahead, AsyncAnswers answers, Clock clock) {
    this.cache = cache;
    this.ahead = ahead;
    this.answers = answers;
    this.clock = clock;
  }

  void respond(PullRequest pull, GetManifest get, Exchange exchange) throws IOException {
    exchange.facts().kind("manifest");
    Optional<ManifestAnswer> here = cache.find(pull, get.reference());
    if (here.isPresent()) {
      send(here.get(), pull, exchange);
      return;
    }
    answers.send(
        cache.fetch(pull, get.reference()), exchange, answer -> send(answer, pull, exchange));
  }

  private void send(ManifestAnswer answer, PullRequest pull, Exchange exchange) throws IOException {
    HttpServletResponse response = exchange.response();
    exchange.facts().outcome(answer.outcome());
    Headers.content(response, answer.digest());
    Headers.outcome(response, answer.outcome(), answer.detail(), answer.since(), clock);
    if (answer.warning() != null) {
      // RFC 7234, 5.5.1. RFC 9111 has removed this header, but older tools show it to the user.
      response.setHeader("Warning", "110 entrepot \"Response is Stale\"");
    }
    if (exchange.isHeld(answer.digest())) {
      exchange.endNotModified();
      return;
    }
    response.setContentType(answer.mediaType());
    ahead.pulled(pull, answer.digest());
    answers.sendBody(exchange, answer.body());
  }
}
