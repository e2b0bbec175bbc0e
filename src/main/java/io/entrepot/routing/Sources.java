package io.entrepot.routing;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Quoted;
import io.entrepot.oci.RepositoryName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the source for each repository name: the upstream, the name there, and the name of the
 * repository in this cache. That name has the upstream's name in front, for every upstream, so no
 * two repositories share it, whatever upstreams are added or removed later (ADR 18). Only
 * configured upstreams can be selected (S4). Immutable.
 */
public final class Sources {
  private final ProxiedUpstream fallback;
  private final List<ProxiedUpstream> all;
  private final Map<String, ProxiedUpstream> byName = new HashMap<>();
  private final Map<String, ProxiedUpstream> byPath = new HashMap<>();
  private final Map<String, ProxiedUpstream> byNamespace = new HashMap<>();
  private final Map<String, ProxiedUpstream> byHost = new HashMap<>();

  /** The upstreams that are parts of a registry, those with the longest paths first. */
  private final List<ProxiedUpstream> parts;

  /** The ways in which a client can select an upstream. */
  public enum Way {
    /** By containerd's parameter {@code ns}, or by the header {@code OCI-Namespace}. */
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
    all.forEach(this::addName);
    all.stream()
        .sorted(Comparator.comparing(ProxiedUpstream::names, Names.FIRST_TO_HAVE_ITS_HOST))
        .forEach(this::addOtherNames);
    this.parts =
        all.stream()
            .filter(upstream -> upstream.names().part().isPresent())
            .sorted(Comparator.comparingInt(Sources::pathLength).reversed())
            .toList();
  }

  private static int pathLength(ProxiedUpstream upstream) {
    return upstream.names().part().map(part -> part.path().value().length()).orElse(0);
  }

  private void addName(ProxiedUpstream upstream) {
    byName.put(upstream.name(), upstream);
    byPath.put(upstream.name(), upstream);
    byNamespace.put(upstream.name(), upstream);
  }

  /** Two upstreams that are the same registry share some of these: the first one has them. */
  private void addOtherNames(ProxiedUpstream upstream) {
    Names names = upstream.names();
    names.inPaths().forEach(name -> byPath.putIfAbsent(name, upstream));
    names.namespaces().forEach(namespace -> byNamespace.putIfAbsent(namespace, upstream));
    names.hosts().forEach(host -> byHost.put(Namespace.withoutDot(host), upstream));
  }

  /** All upstreams, the default one first. */
  public List<ProxiedUpstream> upstreams() {
    return all;
  }

  /** The first components of paths that mean an upstream, in ASCII order. */
  public Set<String> namesInPaths() {
    return new TreeSet<>(byPath.keySet());
  }

  /** The default upstream, used if a client selects none. */
  public ProxiedUpstream fallback() {
    return fallback;
  }

  /**
   * Finds the source for a name that a repository has in this cache. For work that has no request,
   * such as expiry.
   *
   * @return empty if the upstream is not configured any more
   */
  public Optional<Source> of(RepositoryName repository) {
    ProxiedUpstream named = byName.get(repository.firstComponent());
    return named == null
        ? Optional.empty()
        : repository.withoutFirst().map(remote -> source(named, remote));
  }

  /**
   * Finds the source for a request. Does not check whether the repository may be pulled.
   *
   * <p>With {@code ns} or a host, the path is the repository as it is. A first component that is
   * the {@code ns} itself is taken off once, because containerd sends it there with {@code
   * override_path} in {@code hosts.toml}. An {@code ns} that names no upstream selects nothing:
   * then the host and the path count, but never the default.
   *
   * @param asked the repository name in the path of the request
   * @param namespace the parameter {@code ns} of the request, or null
   * @param host the host name of this cache that the client used, without a port, or null
   * @throws OciException with {@link OciError#NAME_UNKNOWN} if they select no configured upstream
   */
  public Route trace(RepositoryName asked, @Nullable String namespace, @Nullable String host) {
    Route selected =
        named(asked, namespace).or(() -> atHost(asked, host)).or(() -> inPath(asked)).orElse(null);
    if (selected != null) {
      return selected;
    }
    if (namespace != null) {
      throw unknown(namespace);
    }
    if (isHostUnknownToTheHub(asked)) {
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
    if (namespace == null && !byPath.containsKey(registry)) {
      Optional<Route> selected =
          named(asked.repository(), registry).or(() -> atHost(asked.repository(), registry));
      if (selected.isPresent()) {
        return selected.get();
      }
    }
    if (registry.indexOf(':') >= 0) {
      throw unknown(registry);
    }
    return trace(asked.repository().below(registry), namespace, host);
  }

  private Optional<Route> named(RepositoryName asked, @Nullable String namespace) {
    if (namespace == null) {
      return Optional.empty();
    }
    Namespace wanted = Namespace.of(namespace);
    RepositoryName literal =
        wanted.isItself(asked.firstComponent()) ? asked.withoutFirst().orElse(asked) : asked;
    for (ProxiedUpstream upstream : parts) {
      Names.Part part = upstream.names().part().orElseThrow();
      Optional<RepositoryName> below = literal.relativeTo(part.path());
      if (below.isPresent() && means(wanted, part.registry(), upstream)) {
        return Optional.of(to(upstream, below.get(), Way.NAMESPACE));
      }
    }
    ProxiedUpstream exact = byNamespace.get(wanted.value());
    ProxiedUpstream selected = exact == null ? byNamespace.get(wanted.host()) : exact;
    return selected != null && (exact != null || wanted.isDefaultPortOf(selected.url()))
        ? Optional.of(to(selected, literal, Way.NAMESPACE))
        : Optional.empty();
  }

  private static boolean means(Namespace wanted, String registry, ProxiedUpstream upstream) {
    return registry.equals(wanted.value())
        || (registry.equals(wanted.host()) && wanted.isDefaultPortOf(upstream.url()));
  }

  /** The upstream that a host name of this cache selects. */
  public Optional<ProxiedUpstream> atHost(String host) {
    return Optional.ofNullable(byHost.get(Namespace.of(host).host()));
  }

  private Optional<Route> atHost(RepositoryName asked, @Nullable String host) {
    return Optional.ofNullable(host)
        .flatMap(this::atHost)
        .map(selected -> to(selected, asked, Way.HOST));
  }

  private Optional<Route> inPath(RepositoryName asked) {
    ProxiedUpstream selected = byPath.get(asked.firstComponent());
    return selected != null && isTaken(asked)
        ? asked.withoutFirst().map(rest -> to(selected, rest, Way.PATH))
        : Optional.empty();
  }

  /** Whether the first component of a path means an upstream, and is no part of the name. */
  private boolean isTaken(RepositoryName asked) {
    String first = asked.firstComponent();
    ProxiedUpstream named = byPath.get(first);
    return asked.withoutFirst().isPresent()
        && named != null
        && (named != fallback || Names.looksLikeHost(first));
  }

  private boolean isHostUnknownToTheHub(RepositoryName asked) {
    return fallback.names().dockerHub()
        && asked.withoutFirst().isPresent()
        && Names.looksLikeHost(asked.firstComponent());
  }

  private Route to(ProxiedUpstream selected, RepositoryName asked, Way way) {
    return new Route(source(selected, selected.names().remote(asked)), way);
  }

  private Source source(ProxiedUpstream upstream, RepositoryName remote) {
    return new UpstreamSource(upstream, this, upstream.repository(remote), remote);
  }

  /**
   * The name by which clients can pull a repository with nothing but a path.
   *
   * @param repository the name of the repository in this cache
   * @return empty if there is none: another upstream has taken the name, and the default upstream's
   *     own name does not look like a host; or the upstream is not configured any more
   */
  public Optional<RepositoryName> pathOf(RepositoryName repository) {
    ProxiedUpstream named = byName.get(repository.firstComponent());
    return named == null
        ? Optional.empty()
        : repository.withoutFirst().flatMap(remote -> pathOf(named, remote));
  }

  private Optional<RepositoryName> pathOf(ProxiedUpstream upstream, RepositoryName remote) {
    boolean isDefault = upstream == fallback;
    if (isDefault && !isTaken(remote) && !isHostUnknownToTheHub(remote)) {
      return Optional.of(remote);
    }
    RepositoryName full = upstream.repository(remote);
    boolean possible = !isDefault || Names.looksLikeHost(upstream.name());
    return possible && full.isShortEnough() ? Optional.of(full) : Optional.empty();
  }

  /**
   * The name in this cache for a repository that an older version has stored. That version put no
   * name in front of repositories of the default upstream.
   *
   * @return empty if the repository could be one of the default upstream or one of another
   */
  public Optional<RepositoryName> successorOf(RepositoryName older) {
    ProxiedUpstream named = byName.get(older.firstComponent());
    if (named != fallback && isHostUnknownToTheHub(older)) {
      return Optional.of(older);
    }
    boolean isAmbiguous = named != null && named != fallback && older.withoutFirst().isPresent();
    return isAmbiguous ? Optional.empty() : Optional.of(fallback.repository(older));
  }

  /**
   * Says which names of the default upstream are taken by the names of other upstreams, and how
   * clients still reach those repositories.
   *
   * @return one sentence; empty if nothing is hidden
   */
  public Optional<String> hidden() {
    List<String> names = namesInPaths().stream().filter(this::isHiding).toList();
    return names.isEmpty() ? Optional.empty() : Optional.of(hidden(names));
  }

  /** As {@link #hidden()}, for the name by which a request has selected its upstream. */
  public Optional<String> hiddenBy(Route route) {
    String name = route.source().upstream();
    return route.way() == Way.PATH && isHiding(name)
        ? Optional.of(hidden(List.of(name)))
        : Optional.empty();
  }

  /** Docker Hub has no repositories whose names begin with a host name. */
  private boolean isHiding(String name) {
    return byPath.get(name) != fallback
        && !(fallback.names().dockerHub() && Names.looksLikeHost(name));
  }

  private String hidden(List<String> names) {
    String own = fallback.name();
    List<String> ways = new ArrayList<>(List.of("with ns=" + own));
    if (Names.looksLikeHost(own)) {
      ways.add("as " + own + "/" + names.get(0) + "/…");
    }
    new TreeSet<>(fallback.names().hosts()).forEach(host -> ways.add("through the host " + host));
    return "In paths, %s mean other upstreams; repositories of %s with such names are pulled %s"
        .formatted(
            names.stream().map(name -> name + "/…").collect(Collectors.joining(", ")),
            own,
            String.join(", or ", ways));
  }

  private OciException unknown(String name) {
    Namespace wanted = Namespace.of(name);
    String paths =
        parts.stream()
            .filter(upstream -> means(wanted, registry(upstream), upstream))
            .map(upstream -> registry(upstream) + "/" + path(upstream))
            .collect(Collectors.joining(", "));
    return new OciException(
        OciError.NAME_UNKNOWN,
        "%s is not an upstream of this cache%s; its upstreams are %s"
            .formatted(
                Quoted.of(name),
                paths.isEmpty() ? "" : ", but only " + paths,
                String.join(", ", new TreeSet<>(byName.keySet()))));
  }

  private static String registry(ProxiedUpstream part) {
    return part.names().part().orElseThrow().registry();
  }

  private static RepositoryName path(ProxiedUpstream part) {
    return part.names().part().orElseThrow().path();
  }
}
