package io.entrepot.routing;

import io.entrepot.oci.NamePattern;
import io.entrepot.oci.RepositoryName;
import java.util.List;
import java.util.Optional;

/**
 * Which repositories of an upstream may be pulled, by the names that it knows.
 *
 * @param allow those that may; empty for all
 * @param deny those that may not, whatever the others say
 */
public record Admission(List<NamePattern> allow, List<NamePattern> deny) {
  /** Everything. */
  public static final Admission ALL = new Admission(List.of(), List.of());

  public Admission {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }

  /** The rule that refuses a repository; empty where none does. */
  Optional<String> refusal(RepositoryName repository) {
    for (NamePattern pattern : deny) {
      if (pattern.matches(repository.value())) {
        return Optional.of("its deny list has " + pattern.pattern());
      }
    }
    return allow.isEmpty() || allow.stream().anyMatch(p -> p.matches(repository.value()))
        ? Optional.empty()
        : Optional.of("its allow list has nothing that matches");
  }
}
