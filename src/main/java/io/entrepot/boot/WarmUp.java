package io.entrepot.boot;

import io.entrepot.config.Access;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Via;
import io.entrepot.upstream.Mirrors;
import io.entrepot.upstream.OfflineSwitch;
import io.entrepot.upstream.UpstreamException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The first request to an upstream: fetches its challenge and a token when the application is
 * deployed. The application starts even if this request fails. Then it serves stored content, and
 * the first miss authenticates. The request is repeated from time to time, so that the health check
 * notices a recovery.
 */
final class WarmUp implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

  private final OfflineSwitch offlineSwitch;
  private final Mirrors upstream;
  private final Access access;
  private final Via via;
  private volatile @Nullable String reported;

  /**
   * Makes the first request; sends nothing yet.
   *
   * @param offlineSwitch lets no request through while the upstream is taken out
   * @param via names this cache, so that it knows its own request again
   */
  WarmUp(OfflineSwitch offlineSwitch, Mirrors upstream, Access access, Via via) {
    this.offlineSwitch = offlineSwitch;
    this.upstream = upstream;
    this.access = access;
    this.via = via;
  }

  @Override
  public void run() {
    try {
      offlineSwitch.connect(new Cost(via));
      reported = null;
      log.info("Upstream {} answers; credentials: {}", upstream.uri(), access.who());
    } catch (UpstreamException e) {
      if (!String.valueOf(e.getMessage()).equals(reported)) {
        reported = e.getMessage();
        // The code that sends credentials has already logged that they were refused or not sent,
        // and an outage is logged where it is noticed.
        boolean logged =
            switch (e.failure()) {
              case DENIED -> !(access instanceof Access.Anonymous);
              case UNREACHABLE, TIMEOUT, THROTTLED -> true;
              case NOT_FOUND, REFUSED, LOOP, INVALID, BUSY, OFFLINE -> false;
            };
        log.atLevel(logged ? Level.DEBUG : Level.WARN)
            .log(
                "Upstream {} cannot be used now; the cache serves stored content: {}",
                upstream.uri(),
                e.getMessage());
      }
    }
  }

  /** Sends the request, and tells what it has found, or why the upstream cannot be used. */
  void check(List<String> found, List<String> problems) {
    try {
      offlineSwitch.connect(new Cost(via));
      found.add("upstream %s: answers; credentials: %s".formatted(upstream.uri(), access.who()));
    } catch (UpstreamException e) {
      problems.add("upstream %s: %s".formatted(upstream.uri(), e.getMessage()));
    }
  }

  /** Sends the request again if the last request to the upstream failed. */
  void again() {
    if (!offlineSwitch.isOut() && upstream.trouble().isPresent()) {
      run();
    }
  }
}
