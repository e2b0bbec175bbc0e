package io.entrepot.routing;

import io.entrepot.oci.Tag;
import io.entrepot.upstream.TimeSpan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The rules for how long an answer of the upstream about a tag stays valid. No duration is
 * negative.
 *
 * @param revalidate the interval: how long a tag is served before the upstream is asked again; zero
 *     asks at every pull
 * @param rules other intervals for some tags; the first rule that matches is used
 * @param maxAge if the upstream's {@code Cache-Control} allows more than the interval, it is
 *     followed up to this duration; zero ignores the header
 * @param staleWindow how long after the interval a tag is still served at once while the upstream
 *     is asked; zero makes the client wait for the upstream
 * @param negative how long a "not found" of the upstream stays valid, and a list for two seconds of
 *     it; zero asks every time
 * @param keepDeleted whether a tag that the upstream has deleted is still served
 * @param cooling a tag leads to a new digest only when the upstream first named that digest at
 *     least so long ago; zero for no delay
 */
public record Freshness(
    Duration revalidate,
    List<TagRule> rules,
    Duration maxAge,
    Duration staleWindow,
    Duration negative,
    boolean keepDeleted,
    Duration cooling) {
  /** A client that asks twice for a list, or many clients that start at once, ask within this. */
  private static final Duration SAME_LIST = Duration.ofSeconds(2);

  public Freshness {
    rules = List.copyOf(rules);
    if (Stream.of(revalidate, maxAge, staleWindow, negative, cooling)
        .anyMatch(Duration::isNegative)) {
      throw new IllegalArgumentException("a duration of the freshness rules is negative");
    }
  }

  /** The same interval for all tags, and no other rules. */
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

  /** The states of a stored tag. */
  public enum State {
    /** The tag is served. */
    FRESH,
    /** The tag is served at once, and the upstream is asked afterwards. */
    LATE,
    /** The upstream is asked before the tag is served. */
    OLD
  }

  /**
   * The state of a stored tag.
   *
   * @param resolvedAt when the upstream last answered where the tag points
   * @param freshFor how long the answer is valid according to the upstream's {@code Cache-Control}
   */
  public State stateOf(Tag tag, Instant resolvedAt, Duration freshFor, Instant now) {
    Optional<Duration> allowed = allowed(tag, freshFor);
    if (allowed.isEmpty() || isWithin(allowed.get(), resolvedAt, now)) {
      return State.FRESH;
    }
    return isWithin(allowed.get().plus(staleWindow), resolvedAt, now) ? State.LATE : State.OLD;
  }

  /**
   * When a tag stops being fresh; empty if it is always fresh. Parameters as in {@link #stateOf}.
   */
  public Optional<Instant> freshUntil(Tag tag, Instant resolvedAt, Duration freshFor) {
    return allowed(tag, freshFor).map(resolvedAt::plus);
  }

  private Optional<Duration> allowed(Tag tag, Duration freshFor) {
    return interval(tag).map(interval -> longer(interval, shorter(freshFor, maxAge)));
  }

  /** Whether the rules say that a tag never moves. */
  public boolean isImmutable(Tag tag) {
    return interval(tag).isEmpty();
  }

  /** How long an answer about a tag is valid by the settings; empty if for ever. */
  public Optional<Duration> interval(Tag tag) {
    Optional<TagRule> rule = rule(tag);
    return rule.isPresent() ? rule.get().revalidate() : Optional.of(revalidate);
  }

  /** The rule that matches a tag; empty if none does. */
  public Optional<TagRule> rule(Tag tag) {
    return rules.stream().filter(rule -> rule.tags().matches(tag.value())).findFirst();
  }

  /** Whether content other than a tag may be served without asking the upstream again. */
  public boolean isFresh(Instant since, Instant now) {
    return isWithin(revalidate, since, now);
  }

  /**
   * Whether a list of the upstream is so new that the same question is not asked again. What a list
   * lacks is a "not found" too, so it is not valid for longer than one.
   */
  public boolean isSameList(Instant since, Instant now) {
    return isWithin(shorter(negative, SAME_LIST), since, now);
  }

  /**
   * Whether {@code now} is less than {@code length} after {@code since}. If {@code since} is in the
   * future, the clock was set back, and the result is false.
   */
  public static boolean isWithin(Duration length, Instant since, Instant now) {
    return new TimeSpan(since, length).contains(now);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
