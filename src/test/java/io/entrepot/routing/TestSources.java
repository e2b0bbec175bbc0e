package io.entrepot.routing;

import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.Offline;
import io.entrepot.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/** Makes sources for tests, from few values. */
public final class TestSources {
  /** Rules that allow everything, ask about tags at every pull, and let nothing expire. */
  public static final Rules RULES =
      new Rules(
          Admission.ALL,
          Freshness.of(Duration.ZERO, false),
          BlobRules.ALL,
          new ExpiryPolicy(Duration.ZERO, ExpiryPolicy.Basis.AFTER_USE),
          0,
          Duration.ofSeconds(30));

  private TestSources() {}

  /** One offline upstream with an expiry policy. */
  public static Sources keptBy(ExpiryPolicy policy) {
    return keptBy(policy, Map.of());
  }

  /** Like {@link #keptBy(ExpiryPolicy)}, with more upstreams by name. */
  public static Sources keptBy(ExpiryPolicy fallback, Map<String, ExpiryPolicy> named) {
    return new Sources(
        offline("docker.io", fallback),
        named.entrySet().stream().map(e -> offline(e.getKey(), e.getValue())).toList());
  }

  private static ProxiedUpstream offline(String name, ExpiryPolicy policy) {
    Rules rules =
        new Rules(RULES.admission(), RULES.freshness(), RULES.blobs(), policy, 0, RULES.deadline());
    return upstream(names(name), rules, new Offline(), Runnable::run);
  }

  /** The names of an upstream that is not Docker Hub. */
  public static Names names(String name) {
    return new Names(name, Set.of(name), Set.of(), false);
  }

  /**
   * An upstream.
   *
   * @param executor runs its fills and its questions
   */
  public static ProxiedUpstream upstream(
      Names names, Rules rules, Upstream upstream, Executor executor) {
    return new ProxiedUpstream(
        names,
        rules,
        upstream,
        new ProxiedUpstream.Workers(executor::execute, executor::execute),
        URI.create("https://" + names.name()),
        () -> new UpstreamStatus(names.name(), false, List.of()));
  }

  /** A repository of the only upstream there is. */
  public static Source source(
      Upstream upstream, Rules rules, RepositoryName repository, Executor executor) {
    return of(upstream(names("docker.io"), rules, upstream, executor), repository);
  }

  /** A repository that has the same name in this cache, at the upstream and for people. */
  public static Source of(ProxiedUpstream upstream, RepositoryName repository) {
    return new UpstreamSource(upstream, new Sources(upstream, List.of()), repository, repository);
  }
}
