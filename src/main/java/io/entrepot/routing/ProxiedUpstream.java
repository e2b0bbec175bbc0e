package io.entrepot.routing;

import io.entrepot.access.Client;
import io.entrepot.access.Grants;
import io.entrepot.access.UpstreamLogin;
import io.entrepot.oci.Cost;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.ClientCredentials;
import io.entrepot.upstream.MeterName;
import io.entrepot.upstream.OfflineSwitch;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
  private final String meterName;
  private final Supplier<UpstreamStatus> status;
  private final @Nullable Grants grants;

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
    this(names, rules, upstream, threads, url, status, null);
  }

  /**
   * Wires the collaborators of an upstream that is asked for each client.
   *
   * @param grants what it has said of clients; null if our own credentials decide for all
   */
  public ProxiedUpstream(
      Names names,
      Rules rules,
      Upstream upstream,
      Workers threads,
      URI url,
      Supplier<UpstreamStatus> status,
      @Nullable Grants grants) {
    this.grants = grants;
    this.names = names;
    this.rules = rules;
    this.upstream = upstream;
    this.threads = threads;
    this.url = url;
    this.meterName = MeterName.of(url); // asked for with each piece of a blob
    this.status = status;
  }

  /** The name of the upstream, as clients write it in front of a repository name. */
  public String name() {
    return names.name();
  }

  /** The host names of this cache that select this upstream. */
  public Set<String> hosts() {
    return names.hosts();
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

  /** What this upstream has said of single clients; null if it is not asked for each. */
  public @Nullable Grants grants() {
    return grants;
  }

  /**
   * Asks the upstream whether the user name and the password of a client are right. Blocks.
   *
   * @throws UpstreamException with {@code DENIED} if they are wrong
   */
  public void checkLogin(UpstreamLogin login, Cost cost) throws UpstreamException {
    upstream.as(credentials(login)).connect(cost);
    if (grants != null) {
      grants.know(login.id());
    }
  }

  static ClientCredentials credentials(UpstreamLogin login) {
    return new ClientCredentials(login.id(), login.user(), login.password());
  }

  /** Runs short requests to the upstream for a client. */
  public Executor questionsOf(Client client) {
    return threads.questions().of(client.network());
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
    return meterName;
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
