package io.entrepot.expiry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.catalog.Link;
import io.entrepot.catalog.Pin;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/**
 * How long content is kept.
 *
 * @param sources tell the policy of each repository
 * @param allPins whose tags, and all that they lead to two levels down, never expire
 * @param unlinkGrace from the removal of the last link to that of the bytes; 0 to {@link
 *     Leases#RETRY}
 */
public record Retention(Sources sources, Supplier<List<Pin>> allPins, Duration unlinkGrace) {
  private static final int MAX_TEXT = 1000;

  public Retention {
    if (unlinkGrace.isNegative() || unlinkGrace.compareTo(Leases.RETRY) > 0) {
      throw new IllegalArgumentException(
          "an unlink grace of " + unlinkGrace + "; it must be from zero to " + Leases.RETRY);
    }
  }

  /** With pins that never change. */
  public Retention(Sources sources, List<Pin> pins, Duration unlinkGrace) {
    this(sources, limited(pins), unlinkGrace);
  }

  private static Supplier<List<Pin>> limited(List<Pin> pins) {
    if (pins.size() > Pins.MAX) {
      throw new IllegalArgumentException(pins.size() + " pins; at most " + Pins.MAX + " may be");
    }
    return () -> pins;
  }

  /** The pins that count now. */
  public List<Pin> pins() {
    return allPins.get();
  }

  /**
   * How long a repository keeps what it linked. If its upstream is not configured any more, the
   * policy of the default upstream counts.
   */
  public ExpiryPolicy of(RepositoryName repository) {
    return sources.of(repository).map(Source::expiry).orElseGet(this::ofUnlinked);
  }

  /** How long content is kept that no repository has linked. */
  ExpiryPolicy ofUnlinked() {
    return sources.fallback().rules().expiry();
  }

  /** Whether a tag never expires, with all that it leads to. */
  public boolean isPinned(RepositoryName repository, Tag tag) {
    return pins().stream()
        .anyMatch(
            pin ->
                pin.repositories().matches(repository.value()) && pin.tags().matches(tag.value()));
  }

  /** When a link expires; {@link Instant#MAX} where it never does. */
  Instant expiry(Link link) {
    return of(link.repository()).expiry(link.fetchedAt(), link.lastUsed());
  }

  /** Whether nothing ever expires. */
  boolean isNever() {
    return sources.upstreams().stream().allMatch(upstream -> upstream.rules().expiry().isNever());
  }

  /** Tells the policies of all upstreams from other ones, in at most 1,000 characters. */
  String text() {
    StringBuilder text = new StringBuilder(text(ofUnlinked()));
    sources.upstreams().stream()
        .skip(1)
        .sorted(Comparator.comparing(ProxiedUpstream::name))
        .forEach(
            upstream ->
                text.append("; ")
                    .append(upstream.name())
                    .append(' ')
                    .append(text(upstream.rules().expiry())));
    return text.length() <= MAX_TEXT
        ? text.toString()
        : Digest.ofBytes(Digest.Algorithm.SHA256, text.toString().getBytes(UTF_8)).toString();
  }

  private static String text(ExpiryPolicy policy) {
    return policy.ttl() + " " + policy.basis();
  }
}
