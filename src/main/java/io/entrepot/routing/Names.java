package io.entrepot.routing;

import io.entrepot.oci.RepositoryName;
import java.util.Set;

/**
 * The names by which clients can select an upstream.
 *
 * @param name the name of the upstream, such as {@code ghcr.io}; clients may write it as the first
 *     component of a repository name
 * @param namespaces the values of the parameter {@code ns} that select the upstream, lower case;
 *     they include the name
 * @param hosts the host names of this cache that select the upstream, lower case
 * @param dockerHub whether the upstream is Docker Hub: {@code ubuntu} means {@code library/ubuntu},
 *     and no repository name begins with a host name
 */
public record Names(String name, Set<String> namespaces, Set<String> hosts, boolean dockerHub) {
  public Names {
    namespaces = Set.copyOf(namespaces);
    hosts = Set.copyOf(hosts);
  }

  /** The name of a repository at the upstream. */
  RepositoryName remote(RepositoryName asked) {
    return dockerHub && asked.withoutFirst().isEmpty() ? asked.below("library") : asked;
  }
}
