package io.entrepot.routing;

import io.entrepot.oci.RepositoryName;
import java.util.Set;

/**
 * How clients name one upstream.
 *
 * @param name can be the first component of a repository's name, such as {@code ghcr.io}
 * @param namespaces the registries that a client may say it is for, lower case, the name included
 * @param hosts the host names under which this cache is that upstream, lower case
 * @param dockerHub whether {@code ubuntu} means {@code library/ubuntu}, and nothing there begins
 *     with the name of a host
 */
public record Names(String name, Set<String> namespaces, Set<String> hosts, boolean dockerHub) {
  public Names {
    namespaces = Set.copyOf(namespaces);
    hosts = Set.copyOf(hosts);
  }

  /** The name that the upstream knows a repository by. */
  RepositoryName remote(RepositoryName asked) {
    return dockerHub && asked.withoutFirst().isEmpty() ? asked.below("library") : asked;
  }
}
