package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of requests for tokens that are coming. Most are one packet, and here at once. One
 * that comes slowly has ten seconds. If too many come slowly, the oldest one of the address with
 * the most of them is given up for the new one. So nobody who sends his body at once is kept out by
 * those who do not (S14, S25). Thread-safe.
 */
final class ArrivingForms {
  /** Each has 64 KiB of heap at most, so that all have 4 MiB. */
  static final int MOST = 64;

  /** How long a body may take in all. */
  static final Duration MAX_TIME = Duration.ofSeconds(10);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final ScheduledExecutorService timer;

  /** For Payara, where a thread waits for each. */
  private final ThreadLimit waiting = new ThreadLimit("requests for tokens are being read", 32, 4);

  /** The oldest first. Guarded by this. */
  private final Set<ArrivingForm> coming = new LinkedHashSet<>();

  /**
   * @param timer gives up what takes too long
   */
  ArrivingForms(ScheduledExecutorService timer) {
    this.timer = timer;
  }

  /**
   * Prepares to read the body of a request, which must be asynchronous when that begins. In Payara
   * it is read before this method returns: there the server now and then forgets to say that
   * something has come, or says that all has come when nothing has.
   *
   * @throws OciException if the body is no form
   * @throws IOException if the client has left
   */
  ArrivingForm enter(Exchange exchange) throws IOException {
    String type = String.valueOf(exchange.request().getContentType());
    if (!type.startsWith("application/x-www-form-urlencoded")) {
      throw Form.bad("is not application/x-www-form-urlencoded");
    }
    HttpServletRequest request = exchange.request();
    String address = exchange.facts().address();
    ArrivingForm mine =
        new ArrivingForm(address, request.getInputStream(), request.getContentLengthLong());
    if (!PayaraConnection.isOf(request)) {
      begin(mine);
      return mine;
    }
    Runnable leave = waiting.enter(address);
    try {
      begin(mine);
      mine.readHere();
    } finally {
      leave.run();
    }
    return mine;
  }

  private void begin(ArrivingForm mine) {
    ArrivingForm leaving = add(mine);
    if (leaving != null) {
      leaving.fail(
          new OciException(
              OciError.UNAVAILABLE,
              "too many requests for tokens come slowly; send the body at once",
              RETRY_AFTER,
              null));
    }
    ScheduledFuture<?> alarm =
        timer.schedule(
            () -> mine.fail(Form.bad("takes longer than " + MAX_TIME.toSeconds() + " s")),
            MAX_TIME.toMillis(),
            TimeUnit.MILLISECONDS);
    var unused =
        mine.form()
            .whenComplete(
                (form, failure) -> {
                  alarm.cancel(false);
                  remove(mine);
                });
  }

  private synchronized @Nullable ArrivingForm add(ArrivingForm form) {
    ArrivingForm leaving = coming.size() < MOST ? null : oldestOfLargest();
    if (leaving != null) {
      coming.remove(leaving);
    }
    coming.add(form);
    return leaving;
  }

  private synchronized void remove(ArrivingForm form) {
    coming.remove(form);
  }

  private @Nullable ArrivingForm oldestOfLargest() {
    Map<String, Integer> counts = new HashMap<>();
    coming.forEach(form -> counts.merge(form.address(), 1, Integer::sum));
    int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    return coming.stream()
        .filter(form -> counts.getOrDefault(form.address(), 0) == most)
        .findFirst()
        .orElse(null);
  }
}
