package io.entrepot.routing;

import io.entrepot.oci.NamePattern;
import io.entrepot.oci.RepositoryName;
import java.util.List;
import java.util.Optional;

/**
 * The rules that say which repositories of an upstream may be pulled. They match the names of the
 * repositories at the upstream.
 *
 * @param allow patterns of the repositories that may be pulled; empty for all repositories
 * @param deny patterns of the repositories that may not be pulled, even if {@code allow} matches
 */
public record Admission(List<NamePattern> allow, List<NamePattern> deny) {
  /** Allows all repositories. */
  public static final Admission ALL = new Admission(List.of(), List.of());

  public Admission {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }

  /** Why a repository may not be pulled; empty if it may. */
  Optional<String> refusal(RepositoryName repository) {
    for (NamePattern pattern : deny) {
      if (pattern.matches(repository.value())) {
        return Optional.of("its deny list has " + pattern.pattern());
      }
    }
    return allow.isEmpty() || allow.stream().anyMatch(p -> p.matches(repository.value()))
        ? Optional.empty()
        : Optional.of("nothing in its allow list matches");
  }
}
