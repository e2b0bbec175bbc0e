package io.entrepot.cache;

import io.entrepot.oci.Glob;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import java.util.List;

/**
 * Which repositories of an upstream may be had here, by the names that it knows.
 *
 * @param allow those that may; empty for all
 * @param deny those that may not, whatever the others say
 */
public record Admission(List<Glob> allow, List<Glob> deny) {
  /** Everything. */
  public static final Admission ALL = new Admission(List.of(), List.of());

  public Admission {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }

  /**
   * Refuses a repository.
   *
   * @throws OciException with {@link OciError#DENIED}, naming the rule
   */
  void check(String upstream, RepositoryName repository) {
    for (Glob pattern : deny) {
      if (pattern.matches(repository.value())) {
        throw denied(upstream, repository, "its deny list has " + pattern.pattern());
      }
    }
    if (!allow.isEmpty() && allow.stream().noneMatch(p -> p.matches(repository.value()))) {
      throw denied(upstream, repository, "its allow list has nothing that matches");
    }
  }

  private static OciException denied(String upstream, RepositoryName repository, String why) {
    return new OciException(
        OciError.DENIED,
        "%s of %s may not be pulled through this cache: %s".formatted(repository, upstream, why));
  }
}
