package io.entrepot.upstream;

import io.entrepot.oci.RepositoryName;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The right that a token gives (distribution's "Token Scope"), such as {@code
 * repository:library/alpine:pull}. This cache only reads, so it asks for no other right, whatever a
 * challenge names (S40).
 *
 * @param value empty for a token that gives no right and only says who we are
 */
public record Scope(String value) {
  public static final Scope NONE = new Scope("");

  private static final String CATALOG = "registry:catalog:*";
  private static final Set<String> READING = Set.of("pull", "metadata_read");

  /** Type and class, name, actions. A name can have a colon before the port of a host. */
  private static final Pattern REPOSITORY =
      Pattern.compile("(repository(?:\\([a-z0-9]+\\))?):(.+):([^:]*)");

  /** To read one repository. */
  public static Scope pull(RepositoryName repository) {
    return new Scope("repository:" + repository + ":pull");
  }

  /**
   * What to ask for, when a challenge names a scope in answer to a request that needs this one:
   * what it names about reading this very repository. Where that is nothing, this scope.
   */
  public Scope narrowed(Scope named) {
    Matcher own = REPOSITORY.matcher(value);
    String repository = own.matches() ? own.group(2) : "";
    Scope reading = reading(named, name -> name.equals(repository));
    return reading.equals(NONE) ? this : reading;
  }

  /** Like {@link #narrowed}, where the repository can have another name. */
  public Scope narrowedElsewhere(Scope named) {
    Scope reading = reading(named, name -> true);
    return reading.equals(NONE) ? this : reading;
  }

  private static Scope reading(Scope named, Predicate<String> repository) {
    return new Scope(
        Arrays.stream(named.value().split(" ", -1))
            .map(part -> reading(part, repository))
            .flatMap(Optional::stream)
            .collect(Collectors.joining(" ")));
  }

  private static Optional<String> reading(String part, Predicate<String> repository) {
    if (part.equals(CATALOG)) {
      return Optional.of(part);
    }
    Matcher parts = REPOSITORY.matcher(part);
    if (!parts.matches() || !repository.test(parts.group(2))) {
      return Optional.empty();
    }
    List<String> actions =
        Arrays.stream(parts.group(3).split(",", -1)).filter(READING::contains).toList();
    return actions.isEmpty()
        ? Optional.empty()
        : Optional.of(parts.group(1) + ":" + parts.group(2) + ":" + String.join(",", actions));
  }

  @Override
  public String toString() {
    return value;
  }
}
