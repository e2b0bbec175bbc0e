package io.entrepot.expiry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.catalog.Link;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ExpiryPolicy;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long each repository keeps what it linked: the policy of its upstream.
 *
 * @param fallback for all that do not begin with one of the names
 * @param named by the first component of the repository's name
 */
public record ExpiryPolicies(ExpiryPolicy fallback, Map<String, ExpiryPolicy> named) {
  private static final int MAX_TEXT = 1000;

  public ExpiryPolicies {
    named = Map.copyOf(named);
  }

  /** The same policy for all. */
  public static ExpiryPolicies of(ExpiryPolicy policy) {
    return new ExpiryPolicies(policy, Map.of());
  }

  public ExpiryPolicy of(RepositoryName repository) {
    return named.getOrDefault(repository.firstComponent(), fallback);
  }

  /** When a link expires; {@link Instant#MAX} where it never does. */
  public Instant expiry(Link link) {
    ExpiryPolicy policy = of(link.repository());
    if (policy.isNever()) {
      return Instant.MAX;
    }
    Instant since =
        switch (policy.basis()) {
          case AFTER_USE -> link.lastUsed();
          case AFTER_FETCH -> link.fetchedAt();
        };
    return since.plus(policy.ttl());
  }

  /** Whether nothing ever expires. */
  public boolean isNever() {
    return fallback.isNever() && named.values().stream().allMatch(ExpiryPolicy::isNever);
  }

  /** A text that other policies do not have, of at most 1,000 characters. */
  String text() {
    StringBuilder text = new StringBuilder(text(fallback));
    new TreeMap<>(named)
        .forEach((name, policy) -> text.append("; ").append(name).append(' ').append(text(policy)));
    return text.length() <= MAX_TEXT
        ? text.toString()
        : Digest.ofBytes(Digest.Algorithm.SHA256, text.toString().getBytes(UTF_8)).toString();
  }

  private static String text(ExpiryPolicy policy) {
    return policy.ttl() + " " + policy.basis();
  }
}
