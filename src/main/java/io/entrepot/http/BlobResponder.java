package io.entrepot.http;

import io.entrepot.cache.BlobAnswer;
import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobElsewhere;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.blobs.BlobCache;
import io.entrepot.cache.blobs.BlobSize;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.EntityTag;
import io.entrepot.oci.RangeSpec;
import io.entrepot.oci.RegistryRequest.GetBlob;
import io.entrepot.routing.PullRequest;
import io.entrepot.store.BlobGoneException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests for blobs. A stored blob is sent on the thread of the server, before the
 * exchange becomes asynchronous: only then can {@link AsyncAnswers} use sendfile.
 */
public final class BlobResponder {
  private final BlobCache cache;
  private final AsyncAnswers answers;
  private final Clock clock;

  public BlobResponder(BlobCache cache, AsyncAnswers answers, Clock clock) {
    this.cache = cache;
    this.answers = answers;
    this.clock = clock;
  }

  void respond(PullRequest pull, GetBlob get, Exchange exchange) throws IOException {
    exchange.facts().kind("blob");
    RangeSpec range = range(get.digest(), exchange);
    Optional<LinkedBlob> stored = cache.find(pull, get.digest());
    if (stored.isPresent() && sendStored(stored.get(), range, exchange)) {
      return;
    }
    if (exchange.facts().isHead() || exchange.isHeld(get.digest())) {
      answers.send(
          cache.head(pull, get.digest()), exchange, size -> sendHead(get.digest(), size, exchange));
    } else {
      answers.send(
          cache.answer(pull, get.digest(), range),
          exchange,
          answer -> send(get.digest(), answer, exchange));
    }
  }

  private void send(Digest digest, BlobAnswer answer, Exchange exchange) throws IOException {
    if (answer instanceof BlobDelivery delivery) {
      head(digest, delivery, exchange);
      answers.pump(exchange, delivery.reader(), 0);
    } else if (answer instanceof BlobElsewhere elsewhere) {
      redirect(digest, elsewhere, exchange);
    }
  }

  /** Nobody may keep the answer: its URL is a right, and ends soon. */
  private void redirect(Digest digest, BlobElsewhere elsewhere, Exchange exchange)
      throws IOException {
    HttpServletResponse response = exchange.response();
    exchange.facts().outcome(CacheOutcome.HIT);
    Headers.outcome(response, CacheOutcome.HIT, clock.instant(), clock);
    response.setHeader("Docker-Content-Digest", digest.toString());
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Location", elsewhere.url().toString());
    response.setStatus(HttpServletResponse.SC_TEMPORARY_REDIRECT);
    response.setContentLengthLong(0);
    exchange.end(0, null);
  }

  /**
   * The requested range, or null. A range with an {@code If-Range} that is not our strong tag is
   * ignored: a date, a weak tag, a tag of other content (RFC 9110, 13.1.5). Several fields are read
   * as one field with commas, which is no list of ranges.
   */
  private static @Nullable RangeSpec range(Digest digest, Exchange exchange) {
    List<String> ranges = exchange.headers("Range");
    if (ranges.isEmpty()) {
      return null;
    }
    List<String> conditions = exchange.headers("If-Range");
    boolean applies = List.of(EntityTag.of(digest).value()).containsAll(conditions);
    return applies ? RangeSpec.parse(String.join(",", ranges)).orElse(null) : null;
  }

  /**
   * Sends a blob from the store.
   *
   * @return false if the blob was evicted after it was found
   */
  private boolean sendStored(LinkedBlob stored, @Nullable RangeSpec spec, Exchange exchange)
      throws IOException {
    Digest digest = stored.blob().digest();
    long size = stored.blob().size();
    Instant fetchedAt = stored.fetchedAt();
    if (exchange.facts().isHead() || exchange.isHeld(digest)) {
      sendHead(digest, new BlobSize(size, CacheOutcome.HIT, fetchedAt), exchange);
      return true;
    }
    ByteRange range = spec == null ? null : spec.resolve(size);
    BlobDelivery delivery;
    try {
      delivery = stored.open(range, CacheOutcome.HIT);
    } catch (BlobGoneException e) {
      return false;
    }
    head(digest, delivery, exchange);
    answers.sendBody(exchange, delivery.reader(), stored.blob());
    return true;
  }

  private void sendHead(Digest digest, BlobSize size, Exchange exchange) throws IOException {
    HttpServletResponse response = exchange.response();
    exchange.facts().outcome(size.outcome());
    Headers.content(response, digest);
    Headers.outcome(response, size.outcome(), size.fetchedAt(), clock);
    response.setHeader("Accept-Ranges", "bytes");
    if (exchange.isHeld(digest)) {
      exchange.endNotModified();
      return;
    }
    response.setContentType("application/octet-stream");
    response.setContentLengthLong(size.size());
    exchange.end(0, null);
  }

  private void head(Digest digest, BlobDelivery delivery, Exchange exchange) {
    HttpServletResponse response = exchange.response();
    exchange.facts().outcome(delivery.outcome());
    Headers.content(response, digest);
    Headers.outcome(response, delivery.outcome(), delivery.fetchedAt(), clock);
    response.setHeader("Accept-Ranges", "bytes");
    response.setContentType("application/octet-stream");
    ByteRange range = delivery.range();
    if (range != null) {
      response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
      response.setHeader("Content-Range", range.contentRange(delivery.blobSize()));
    }
    response.setContentLengthLong(delivery.length());
  }
}
