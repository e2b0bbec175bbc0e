package io.entrepot.boot;

import io.entrepot.config.Settings;
import io.entrepot.oci.Cost;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first word with the upstream: fetches its challenge and a token when the application deploys.
 * A warm-up, not a gate: when it fails, what is here is served all the same, and the first miss
 * authenticates.
 */
final class WarmUp implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

  private final Upstream upstream;
  private final String who;
  private volatile @Nullable String trouble;

  WarmUp(Upstream upstream, Settings settings) {
    this.upstream = upstream;
    this.who =
        settings.proxy().identityToken().isPresent()
            ? "an identity token"
            : settings
                .proxy()
                .login()
                .map(login -> login.username())
                .orElse("nobody in particular");
  }

  @Override
  public void run() {
    try {
      upstream.connect(new Cost());
      trouble = null;
      log.info("Upstream {} answers; we come as {}", upstream.uri(), who);
    } catch (UpstreamException e) {
      trouble = e.getMessage();
      log.warn(
          "Upstream {} is not usable now, the cache serves what it has: {}",
          upstream.uri(),
          e.getMessage());
    }
  }

  /** Why the upstream cannot be used; while it could not, each call begins to ask it again. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }
}
