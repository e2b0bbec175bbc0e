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
 * What each repository name leads to: which upstream a client means, and the one name that the
 * repository has here, whichever way the client put it. Repositories of the default upstream have
 * their own names, those of another have the name of that upstream in front. Only configured
 * upstreams are ever meant (S4). Immutable.
 */
public final class Sources {
  private final ProxiedUpstream fallback;
  private final List<ProxiedUpstream> all;
  private final Map<String, ProxiedUpstream> byName = new HashMap<>();
  private final Map<String, ProxiedUpstream> byNamespace = new HashMap<>();
  private final Map<String, ProxiedUpstream> byHost = new HashMap<>();

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
   * @param source what its name leads to
   * @param way how the client said so
   */
  public record Route(Source source, Way way) {}

  /**
   * Takes the upstreams, whose names, namespaces and hosts differ.
   *
   * @param fallback the one that is meant where a client names none
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

  /** The upstream that is meant where a client names none. */
  public ProxiedUpstream fallback() {
    return fallback;
  }

  /**
   * What a name leads to for work that has only the name that a repository has here, such as
   * expiry.
   */
  public Source of(RepositoryName repository) {
    ProxiedUpstream named = byName.get(repository.firstComponent());
    return named == null || named == fallback || repository.withoutFirst().isEmpty()
        ? fallback.source(repository, repository)
        : named.source(repository, repository.withoutFirst().get());
  }

  /**
   * Finds where a request leads, whether or not the repository may be pulled.
   *
   * @param asked the repository in the request's path
   * @param namespace the request's {@code ns}, or null
   * @param host the host name that the request came to, without a port, or null
   * @throws OciException with {@link OciError#NAME_UNKNOWN} when no upstream is meant by that
   */
  public Route trace(RepositoryName asked, @Nullable String namespace, @Nullable String host) {
    if (namespace != null) {
      ProxiedUpstream meant = byNamespace.get(namespace.toLowerCase(Locale.ROOT));
      if (meant == null) {
        throw unknown(namespace);
      }
      // Who says it twice, as with override_path in containerd's hosts.toml, means it once.
      return to(meant, within(meant, asked), Way.NAMESPACE);
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
   * Finds where a reference leads, as somebody writes it. The registry in it is looked for where a
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

  private static RepositoryName within(ProxiedUpstream meant, RepositoryName asked) {
    return asked.firstComponent().equals(meant.name()) ? asked.withoutFirst().orElse(asked) : asked;
  }

  private static boolean isHostName(RepositoryName asked) {
    return asked.withoutFirst().isPresent() && asked.firstComponent().contains(".");
  }

  private Route to(ProxiedUpstream meant, RepositoryName asked, Way way) {
    RepositoryName remote = meant.names().remote(asked);
    if (meant != fallback) {
      return new Route(meant.source(remote.below(meant.name()), remote), way);
    }
    if (byName.containsKey(remote.firstComponent()) && remote.withoutFirst().isPresent()) {
      // Its name here would be that of another upstream's repository.
      throw unknown(remote.firstComponent());
    }
    return new Route(meant.source(remote, remote), way);
  }

  private OciException unknown(String name) {
    return new OciException(
        OciError.NAME_UNKNOWN,
        "%s is no upstream of this cache; it has %s"
            .formatted(Quoted.of(name), String.join(", ", new TreeSet<>(byName.keySet()))));
  }
}
