package io.entrepot.routing;

import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.MeterName;
import io.entrepot.upstream.OfflineSwitch;
import io.entrepot.upstream.Upstream;
import java.net.URI;
import java.util.function.Supplier;

/**
 * An upstream of this cache with its names, rules and threads. All sources of its repositories
 * share it. Thread-safe.
 */
public final class ProxiedUpstream {
  private final Names names;
  private final Rules rules;
  private final Upstream upstream;
  private final Workers threads;
  private final URI url;
  private final Supplier<UpstreamStatus> status;

  /**
   * The threads for one upstream.
   *
   * @param fills runs fills
   * @param questions runs short requests to the upstream
   */
  public record Workers(Jobs fills, Jobs questions) {}

  /**
   * Wires the collaborators.
   *
   * @param upstream sends the requests; the caller closes it
   * @param url the URL of the upstream's own registry, with a host
   * @param status gives the current status; must return at once
   */
  public ProxiedUpstream(
      Names names,
      Rules rules,
      Upstream upstream,
      Workers threads,
      URI url,
      Supplier<UpstreamStatus> status) {
    this.names = names;
    this.rules = rules;
    this.upstream = upstream;
    this.threads = threads;
    this.url = url;
    this.status = status;
  }

  /** The name of the upstream, as clients write it in front of a repository name. */
  public String name() {
    return names.name();
  }

  Names names() {
    return names;
  }

  /** The rules for the repositories of this upstream. */
  public Rules rules() {
    return rules;
  }

  Upstream upstream() {
    return upstream;
  }

  Workers threads() {
    return threads;
  }

  /** The URL of the upstream's own registry. */
  public URI url() {
    return url;
  }

  /** The name of the upstream in metrics. */
  public String meterName() {
    return MeterName.of(url);
  }

  /**
   * Takes the upstream out, so that only what is here is served, or back in.
   *
   * @return false if it cannot be taken in, because the settings say that it is offline
   */
  public boolean takeOut(boolean out) {
    if (upstream instanceof OfflineSwitch offlineSwitch) {
      offlineSwitch.takeOut(out);
      return true;
    }
    return out;
  }

  /** The current status. Sends no request. */
  public UpstreamStatus status() {
    return status.get();
  }

  /**
   * The name in this cache of a repository of this upstream. No repository of another upstream has
   * it.
   *
   * @param remote the name of the repository at the upstream
   */
  public RepositoryName repository(RepositoryName remote) {
    return RepositoryName.of(name() + "/" + remote);
  }
}
