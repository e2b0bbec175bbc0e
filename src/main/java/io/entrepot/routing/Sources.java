package io.entrepot.routing;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Quoted;
import io.entrepot.oci.RepositoryName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the source for each repository name: the upstream, and the name of the repository in this
 * cache. A repository has one name here, however clients name it. A repository of the default
 * upstream keeps its name. A repository of another upstream has the name of that upstream in front.
 * Only configured upstreams can be selected (S4). Immutable.
 */
public final class Sources {
  private final ProxiedUpstream fallback;
  private final List<ProxiedUpstream> all;
  private final Map<String, ProxiedUpstream> byName = new HashMap<>();
  private final Map<String, ProxiedUpstream> byNamespace = new HashMap<>();
  private final Map<String, ProxiedUpstream> byHost = new HashMap<>();

  /** The ways in which a client can select an upstream. */
  public enum Way {
    /** By containerd's parameter {@code ns}. */
    NAMESPACE,
    /** By the host name of this cache that it used. */
    HOST,
    /** By the first component of the path. */
    PATH,
    /** The client selected none: the default upstream is used. */
    DEFAULT
  }

  /**
   * The result of routing a request.
   *
   * @param source the source of the content
   * @param way how the client selected the upstream
   */
  public record Route(Source source, Way way) {}

  /**
   * Takes the upstreams. No two of them share a name, namespace or host.
   *
   * @param fallback the default upstream, used if a client selects none
   * @param others all other upstreams
   */
  public Sources(ProxiedUpstream fallback, List<ProxiedUpstream> others) {
    this.fallback = fallback;
    List<ProxiedUpstream> inOrder = new ArrayList<>(List.of(fallback));
    inOrder.addAll(others);
    this.all = List.copyOf(inOrder);
    all.forEach(this::add);
  }

  private void add(ProxiedUpstream upstream) {
    byName.put(upstream.name(), upstream);
    upstream.names().namespaces().forEach(namespace -> byNamespace.put(namespace, upstream));
    upstream.names().hosts().forEach(host -> byHost.put(host, upstream));
  }

  /** All upstreams, the default one first. */
  public List<ProxiedUpstream> upstreams() {
    return all;
  }

  /** The default upstream, used if a client selects none. */
  public ProxiedUpstream fallback() {
    return fallback;
  }

  /**
   * Finds the source for a name that a repository has in this cache. For work that has no request,
   * such as expiry.
   */
  public Source of(RepositoryName repository) {
    ProxiedUpstream named = byName.get(repository.firstComponent());
    return named == null || named == fallback || repository.withoutFirst().isEmpty()
        ? fallback.source(repository, repository)
        : named.source(repository, repository.withoutFirst().get());
  }

  /**
   * Finds the source for a request. Does not check whether the repository may be pulled.
   *
   * @param asked the repository name in the path of the request
   * @param namespace the parameter {@code ns} of the request, or null
   * @param host the host name of this cache that the client used, without a port, or null
   * @throws OciException with {@link OciError#NAME_UNKNOWN} if they select no configured upstream
   */
  public Route trace(RepositoryName asked, @Nullable String namespace, @Nullable String host) {
    if (namespace != null) {
      ProxiedUpstream selected = byNamespace.get(namespace.toLowerCase(Locale.ROOT));
      if (selected == null) {
        throw unknown(namespace);
      }
      // With override_path in hosts.toml, containerd sends the name both in ns and in the path. It
      // is removed from the path.
      return to(selected, within(selected, asked), Way.NAMESPACE);
    }
    ProxiedUpstream atHost = host == null ? null : byHost.get(host.toLowerCase(Locale.ROOT));
    if (atHost != null) {
      return to(atHost, asked, Way.HOST);
    }
    ProxiedUpstream named = byName.get(asked.firstComponent());
    if (named != null && asked.withoutFirst().isPresent()) {
      return to(named, within(named, asked), Way.PATH);
    }
    if (fallback.names().dockerHub() && isHostName(asked)) {
      throw unknown(asked.firstComponent());
    }
    return to(fallback, asked, Way.DEFAULT);
  }

  /**
   * Finds the source for an image reference that a person has written. A client would send the
   * registry of the reference in one of three places: in front of the path, in {@code ns}, or as
   * the host name. The first that selects an upstream is used.
   *
   * @throws OciException as in {@link #trace(RepositoryName, String, String)}
   */
  public Route trace(ImageReference asked, @Nullable String namespace, @Nullable String host) {
    String registry = asked.registry();
    if (registry == null) {
      return trace(asked.repository(), namespace, host);
    }
    if (namespace == null && !byName.containsKey(registry)) {
      String name = withoutPort(registry);
      if (byNamespace.containsKey(registry)) {
        return trace(asked.repository(), registry, host);
      }
      if (byHost.containsKey(name)) {
        return trace(asked.repository(), null, name);
      }
    }
    if (registry.indexOf(':') >= 0) {
      throw unknown(registry);
    }
    return trace(asked.repository().below(registry), namespace, host);
  }

  private static String withoutPort(String registry) {
    int colon = registry.lastIndexOf(':');
    return colon > registry.lastIndexOf(']') ? registry.substring(0, colon) : registry;
  }

  private static RepositoryName within(ProxiedUpstream selected, RepositoryName asked) {
    return asked.firstComponent().equals(selected.name())
        ? asked.withoutFirst().orElse(asked)
        : asked;
  }

  private static boolean isHostName(RepositoryName asked) {
    return asked.withoutFirst().isPresent() && asked.firstComponent().contains(".");
  }

  private Route to(ProxiedUpstream selected, RepositoryName asked, Way way) {
    RepositoryName remote = selected.names().remote(asked);
    if (selected != fallback) {
      return new Route(selected.source(remote.below(selected.name()), remote), way);
    }
    if (byName.containsKey(remote.firstComponent()) && remote.withoutFirst().isPresent()) {
      // In this cache the repository would have the same name as a repository of another upstream.
      throw unknown(remote.firstComponent());
    }
    return new Route(selected.source(remote, remote), way);
  }

  private OciException unknown(String name) {
    return new OciException(
        OciError.NAME_UNKNOWN,
        "%s is not an upstream of this cache; its upstreams are %s"
            .formatted(Quoted.of(name), String.join(", ", new TreeSet<>(byName.keySet()))));
  }
}
