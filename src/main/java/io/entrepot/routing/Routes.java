package io.entrepot.routing;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Quoted;
import io.entrepot.oci.RepositoryName;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which upstream a client means, and the one name that the repository has here, whichever way the
 * client put it: the repositories of the default upstream under their own names, those of another
 * under the name of that upstream. Only configured upstreams are ever meant (S4). Immutable.
 */
public final class Routes {
  private final Destination fallback;
  private final Map<String, Destination> byName = new HashMap<>();
  private final Map<String, Destination> byNamespace = new HashMap<>();
  private final Map<String, Destination> byHost = new HashMap<>();

  /**
   * One upstream, as clients name it.
   *
   * @param name one component of a repository name, such as {@code ghcr.io}
   * @param namespaces the registries that a client may say it is for, lower case, the name included
   * @param hosts the host names under which this cache is that upstream, lower case
   * @param dockerHub whether a repository of one component means one below {@code library}, and
   *     nothing there begins with the name of a host
   * @param admission which of its repositories may be had
   */
  public record Destination(
      String name,
      Set<String> namespaces,
      Set<String> hosts,
      boolean dockerHub,
      Admission admission) {
    public Destination {
      namespaces = Set.copyOf(namespaces);
      hosts = Set.copyOf(hosts);
    }

    private RepositoryName remote(RepositoryName asked) {
      return dockerHub && asked.withoutFirst().isEmpty() ? asked.below("library") : asked;
    }
  }

  /** How the client said which upstream it means. */
  public enum Way {
    /** By containerd's parameter {@code ns}. */
    NAMESPACE,
    /** By the host name it came to. */
    HOST,
    /** By the first component of the path. */
    PATH,
    /** Not at all. */
    DEFAULT
  }

  /**
   * Where a request leads.
   *
   * @param repository the name here
   * @param remote the name that the upstream knows
   * @param upstream the upstream's name
   */
  public record Route(RepositoryName repository, RepositoryName remote, String upstream, Way way) {}

  /**
   * Takes the upstreams, whose names, namespaces and hosts differ.
   *
   * @param fallback the one that is meant where a client names none
   */
  public Routes(Destination fallback, List<Destination> others) {
    this.fallback = fallback;
    add(fallback);
    others.forEach(this::add);
  }

  private void add(Destination destination) {
    byName.put(destination.name(), destination);
    destination.namespaces().forEach(namespace -> byNamespace.put(namespace, destination));
    destination.hosts().forEach(host -> byHost.put(host, destination));
  }

  /**
   * Finds the way of a request that may be answered.
   *
   * @throws OciException as {@link #trace}, or with {@link OciError#DENIED} when the repository may
   *     not be had
   */
  public Route route(RepositoryName asked, @Nullable String namespace, @Nullable String host) {
    Route route = trace(asked, namespace, host);
    meant(route).admission().check(route.upstream(), route.remote());
    return route;
  }

  /** Why the repository at the end of a way may not be had; empty where it may. */
  public Optional<String> refusal(Route route) {
    return meant(route).admission().refusal(route.remote());
  }

  private Destination meant(Route route) {
    return Objects.requireNonNull(byName.get(route.upstream()));
  }

  /**
   * Finds the way, whether or not the repository may be had.
   *
   * @param asked the repository in the request's path
   * @param namespace the request's {@code ns}, or null
   * @param host the host name that the request came to, without a port, or null
   * @throws OciException with {@link OciError#NAME_UNKNOWN} when no upstream is meant by that
   */
  public Route trace(RepositoryName asked, @Nullable String namespace, @Nullable String host) {
    if (namespace != null) {
      Destination meant = byNamespace.get(namespace.toLowerCase(Locale.ROOT));
      if (meant == null) {
        throw unknown(namespace);
      }
      // Who says it twice, as with override_path in containerd's hosts.toml, means it once.
      return to(meant, within(meant, asked), Way.NAMESPACE);
    }
    Destination atHost = host == null ? null : byHost.get(host.toLowerCase(Locale.ROOT));
    if (atHost != null) {
      return to(atHost, asked, Way.HOST);
    }
    Destination named = byName.get(asked.firstComponent());
    if (named != null && asked.withoutFirst().isPresent()) {
      return to(named, within(named, asked), Way.PATH);
    }
    if (fallback.dockerHub() && isHostName(asked)) {
      throw unknown(asked.firstComponent());
    }
    return to(fallback, asked, Way.DEFAULT);
  }

  /**
   * Finds the way of what somebody writes as a reference. The registry in it is looked for where a
   * client would put it: in front of the path, or else in {@code ns} or the host name.
   *
   * @throws OciException as above
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

  private static RepositoryName within(Destination meant, RepositoryName asked) {
    return asked.firstComponent().equals(meant.name()) ? asked.withoutFirst().orElse(asked) : asked;
  }

  private static boolean isHostName(RepositoryName asked) {
    return asked.withoutFirst().isPresent() && asked.firstComponent().contains(".");
  }

  private Route to(Destination meant, RepositoryName asked, Way way) {
    RepositoryName remote = meant.remote(asked);
    if (!meant.equals(fallback)) {
      return new Route(remote.below(meant.name()), remote, meant.name(), way);
    }
    if (byName.containsKey(remote.firstComponent()) && remote.withoutFirst().isPresent()) {
      // Its name here would be that of another upstream's repository.
      throw unknown(remote.firstComponent());
    }
    return new Route(remote, remote, meant.name(), way);
  }

  private OciException unknown(String name) {
    return new OciException(
        OciError.NAME_UNKNOWN,
        "%s is no upstream of this cache; it has %s"
            .formatted(Quoted.of(name), String.join(", ", new TreeSet<>(byName.keySet()))));
  }
}
