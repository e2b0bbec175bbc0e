package io.entrepot.routing;

import io.entrepot.oci.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How long the upstream's word on a tag counts. No duration is negative.
 *
 * @param revalidate how long a tag is served without asking again; zero asks each time
 * @param rules other intervals for some tags; the first that matches counts
 * @param maxAge for how long at most the upstream's own {@code Cache-Control} counts, where it says
 *     more than the interval; zero does not listen to it
 * @param staleWindow how long after the interval a tag is served at once while the upstream is
 *     asked; zero lets the client wait for the answer
 * @param negative how long it is believed that the upstream does not have something; zero asks each
 *     time
 * @param keepDeleted whether a tag that the upstream has deleted is still served
 * @param cooling how long ago the upstream must have named a digest first before a tag leads there;
 *     zero for none
 */
public record Freshness(
    Duration revalidate,
    List<TagRule> rules,
    Duration maxAge,
    Duration staleWindow,
    Duration negative,
    boolean keepDeleted,
    Duration cooling) {

  public Freshness {
    rules = List.copyOf(rules);
    if (Stream.of(revalidate, maxAge, staleWindow, negative, cooling)
        .anyMatch(Duration::isNegative)) {
      throw new IllegalArgumentException("a freshness of negative length");
    }
  }

  /** One interval for all tags, and nothing more. */
  public static Freshness of(Duration revalidate, boolean keepDeleted) {
    return new Freshness(
        revalidate,
        List.of(),
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        keepDeleted,
        Duration.ZERO);
  }

  /** What may be done with a tag that is here. */
  public enum State {
    /** Served. */
    FRESH,
    /** Served, and the upstream is asked afterwards. */
    LATE,
    /** The upstream is asked first. */
    OLD
  }

  /**
   * What may be done with a tag that is here.
   *
   * @param resolvedAt when the upstream last said where it points
   * @param freshFor how long the upstream itself let its word stand
   */
  public State stateOf(Tag tag, Instant resolvedAt, Duration freshFor, Instant now) {
    Optional<Duration> allowed = allowed(tag, freshFor);
    if (allowed.isEmpty() || isWithin(allowed.get(), resolvedAt, now)) {
      return State.FRESH;
    }
    return isWithin(allowed.get().plus(staleWindow), resolvedAt, now) ? State.LATE : State.OLD;
  }

  /** When a tag is no longer fresh; empty where it always is. Parameters as {@link #stateOf}. */
  public Optional<Instant> freshUntil(Tag tag, Instant resolvedAt, Duration freshFor) {
    return allowed(tag, freshFor).map(resolvedAt::plus);
  }

  private Optional<Duration> allowed(Tag tag, Duration freshFor) {
    return interval(tag).map(interval -> longer(interval, shorter(freshFor, maxAge)));
  }

  /** Whether a tag is never to move. */
  public boolean isImmutable(Tag tag) {
    return interval(tag).isEmpty();
  }

  /** How long the upstream's word on a tag is good by the settings; empty where for ever. */
  public Optional<Duration> interval(Tag tag) {
    Optional<TagRule> rule = rule(tag);
    return rule.isPresent() ? rule.get().revalidate() : Optional.of(revalidate);
  }

  /** The rule that a tag has of its own; empty where it has none. */
  public Optional<TagRule> rule(Tag tag) {
    return rules.stream().filter(rule -> rule.tags().matches(tag.value())).findFirst();
  }

  /** Whether something that is no tag may be served without asking again. */
  public boolean isFresh(Instant since, Instant now) {
    return isWithin(revalidate, since, now);
  }

  /** A moment in the future is not fresh: the clock has been set back since. */
  public static boolean isWithin(Duration length, Instant since, Instant now) {
    return !since.isAfter(now) && now.isBefore(since.plus(length));
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
