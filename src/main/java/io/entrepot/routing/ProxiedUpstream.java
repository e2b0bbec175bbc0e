package io.entrepot.routing;

import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.Upstream;
import java.net.URI;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * One upstream as this cache stands before it: whom to ask, under which names, and by which rules.
 * All sources of its repositories share it. Thread-safe.
 */
public final class ProxiedUpstream {
  private final Names names;
  private final Rules rules;
  private final Upstream upstream;
  private final Threads threads;
  private final URI url;
  private final Supplier<UpstreamStatus> status;

  /**
   * The threads that work for one upstream.
   *
   * @param fills run fills
   * @param questions ask the upstream
   */
  public record Threads(Executor fills, Executor questions) {}

  /**
   * Takes what belongs to one upstream.
   *
   * @param upstream stays the caller's to close
   * @param url of its own registry, with a host
   * @param status tells how it stands; must answer at once
   */
  public ProxiedUpstream(
      Names names,
      Rules rules,
      Upstream upstream,
      Threads threads,
      URI url,
      Supplier<UpstreamStatus> status) {
    this.names = names;
    this.rules = rules;
    this.upstream = upstream;
    this.threads = threads;
    this.url = url;
    this.status = status;
  }

  /** Its name, as clients write it in front of a repository. */
  public String name() {
    return names.name();
  }

  Names names() {
    return names;
  }

  /** How its repositories are used. */
  public Rules rules() {
    return rules;
  }

  Upstream upstream() {
    return upstream;
  }

  Threads threads() {
    return threads;
  }

  /** Where its own registry is. */
  public URI url() {
    return url;
  }

  /** What it is called in metrics. */
  String meterName() {
    return url.getHost();
  }

  /** How it stands now. */
  public UpstreamStatus status() {
    return status.get();
  }

  /** A repository of it. */
  Source source(RepositoryName repository, RepositoryName remote) {
    return new UpstreamSource(this, repository, remote);
  }
}
