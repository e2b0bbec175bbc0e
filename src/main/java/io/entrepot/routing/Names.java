package io.entrepot.routing;

import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.DockerHub;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The names by which clients can select an upstream.
 *
 * @param name the name of the upstream, such as {@code ghcr.io}; clients may write it as the first
 *     component of a repository name
 * @param namespaces the values of the parameter {@code ns} that select the upstream, lower case;
 *     they include the name
 * @param hosts the host names of this cache that select the upstream, lower case
 * @param dockerHub whether the upstream is Docker Hub, or a copy of it: {@code ubuntu} means {@code
 *     library/ubuntu}, and no repository name begins with a host name
 * @param part which part of a registry the upstream is; empty if it is a whole registry
 */
public record Names(
    String name,
    Set<String> namespaces,
    Set<String> hosts,
    boolean dockerHub,
    Optional<Part> part) {
  /**
   * Orders upstreams that are the same registry. The first of them is the one that its host means:
   * one that is called like it comes before the others.
   */
  public static final Comparator<Names> FIRST_TO_HAVE_ITS_HOST =
      Comparator.comparing(names -> !names.isCalledLikeItsHost());

  /**
   * A part of a registry: the repositories below a path.
   *
   * @param registry host and perhaps port of the registry, lower case. As the parameter {@code ns}
   *     it selects the upstream only if the requested name begins with the path.
   * @param path the path
   */
  public record Part(String registry, RepositoryName path) {}

  public Names {
    namespaces = Set.copyOf(namespaces);
    hosts = Set.copyOf(hosts);
  }

  /** The names of an upstream that is a whole registry. */
  public Names(String name, Set<String> namespaces, Set<String> hosts, boolean dockerHub) {
    this(name, namespaces, hosts, dockerHub, Optional.empty());
  }

  /**
   * Whether a first component looks like a host. Only then the name of the selected upstream is
   * taken off: {@code docker.io/library/alpine} has the name of a registry in front, but {@code
   * acme/app} can be a repository of the upstream {@code acme}.
   */
  public static boolean looksLikeHost(String component) {
    return component.indexOf('.') >= 0 || component.indexOf(':') >= 0;
  }

  private boolean isCalledLikeItsHost() {
    return namespaces.size() == 1 || (dockerHub && DockerHub.HOSTS.contains(name));
  }

  /** The first components of paths that mean the upstream, in ASCII order. */
  public Set<String> inPaths() {
    Set<String> all = new TreeSet<>(dockerHub ? DockerHub.HOSTS : Set.of());
    all.add(name);
    return all;
  }

  /** The name of a repository at the upstream. */
  RepositoryName remote(RepositoryName asked) {
    return dockerHub && asked.withoutFirst().isEmpty() ? asked.below("library") : asked;
  }
}
