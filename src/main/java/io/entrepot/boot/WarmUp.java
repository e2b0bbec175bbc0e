package io.entrepot.boot;

import io.entrepot.config.Access;
import io.entrepot.oci.Cost;
import io.entrepot.upstream.HttpUpstream;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The first word with the upstream: fetches its challenge and a token when the application deploys.
 * A warm-up, not a gate: when it fails, what is here is served all the same, the first miss
 * authenticates, and the word is tried again from time to time so that health tells of a recovery.
 */
final class WarmUp implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

  private final HttpUpstream upstream;
  private final Access who;
  private volatile @Nullable String said;

  WarmUp(HttpUpstream upstream, Access who) {
    this.upstream = upstream;
    this.who = who;
  }

  @Override
  public void run() {
    try {
      upstream.connect(new Cost());
      said = null;
      log.info("Upstream {} answers; we come as {}", upstream.uri(), who.who());
    } catch (UpstreamException e) {
      if (!String.valueOf(e.getMessage()).equals(said)) {
        said = e.getMessage();
        // That credentials were refused, or not sent, has been said where it happened.
        boolean told = e.failure() == Failure.DENIED && !(who instanceof Access.Anonymous);
        log.atLevel(told ? Level.DEBUG : Level.WARN)
            .log(
                "Upstream {} is not usable now, the cache serves what it has: {}",
                upstream.uri(),
                e.getMessage());
      }
    }
  }

  /** Tries again where the upstream's last word was no good one. */
  void again() {
    if (upstream.trouble().isPresent()) {
      run();
    }
  }
}
