package io.entrepot.cache.tags;

import io.entrepot.routing.Freshness;
import java.util.Optional;

/**
 * The decision about a request for a manifest. The cache acts on it and explanations show it, so
 * both always agree.
 */
public enum Verdict {
  /** The stored manifest is valid. */
  SERVED("is served from here without asking"),
  /** The stored manifest is valid. Once a day the upstream is asked whether the tag has moved. */
  SERVED_AND_CHECKED(
      "is served from here at once; afterwards the upstream is asked whether the tag has moved,"
          + " as once every day"),
  /** The stored manifest is served, and the upstream is asked afterwards. */
  SERVED_WHILE_ASKED(
      "is served from here at once, while the upstream is asked whether the tag has moved"),
  /** The stored manifest is served, because the upstream's limit of requests is nearly reached. */
  SPARED(
      "is served from here although it is stale, because few requests of the upstream's limit are left"),
  /** The stored manifest is served, because the upstream is not asked now. */
  STALE("is served from here although it is stale, because the upstream is not asked now"),
  /** A HEAD request finds out whether the stored manifest is still valid. */
  ASKED("is here, but the upstream is asked first whether the tag has moved"),
  /** The upstream is asked for each client, and has given this one nothing lately. */
  ASKED_FOR_CLIENT(
      "is given to those to whom the upstream gives it, which is asked for each client"),
  /** The manifest is not stored. */
  FETCHED("is not here and would be fetched"),
  /** The manifest is not stored, and it is known for long enough where the tag leads. */
  FETCHED_AS_RESOLVED("is not here and would be fetched by the digest to which the tag leads"),
  /** The upstream has answered "not found" a short time ago. */
  ABSENT("does not exist: the upstream said so a short time ago and is not asked again yet"),
  /** The manifest is stored, but the last answer of the upstream was a refusal. */
  REFUSED("was refused by the upstream the last time, and the upstream is not asked now"),
  /** The manifest is not stored, and the upstream is not asked now. */
  UNREACHABLE("is not here and cannot be fetched, because the upstream is not asked now");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  /** The rest of a sentence that begins with the name of the manifest. */
  public String words() {
    return words;
  }

  /** The facts about a manifest. Each method is called only if the verdict depends on it. */
  public interface Facts {
    /** Whether the manifest is stored. */
    boolean isHeld();

    /**
     * Whether the client may have what is stored without a question: always, but where the upstream
     * is asked for each client.
     */
    default boolean isGranted() {
      return true;
    }

    /** Whether the stored manifest is still valid. */
    Freshness.State state();

    /** Whether it is a tag of which the upstream has said, for long enough, where it leads. */
    default boolean isResolved() {
      return false;
    }

    /** Whether the daily check of an immutable tag is due. */
    boolean isCheckDue();

    /** Whether the last answer of the upstream was a refusal. */
    boolean isRefused();

    /** Whether the upstream's limit of requests is nearly reached. */
    boolean isScarce();

    /** Whether the upstream has answered "not found" a short time ago. */
    boolean isAbsent();

    /** Whether a request to the upstream would be sent. */
    boolean isReachable();
  }

  /** The verdict that follows from the facts. */
  public static Verdict of(Facts facts) {
    return withoutAsking(facts).orElseGet(() -> byAsking(facts));
  }

  /** The verdict if the stored manifest is served at once; empty if the upstream is asked first. */
  static Optional<Verdict> withoutAsking(Facts facts) {
    if (!facts.isGranted()) {
      return Optional.empty();
    }
    Freshness.State state = facts.state();
    if (state == Freshness.State.FRESH && facts.isHeld()) {
      return Optional.of(facts.isCheckDue() ? SERVED_AND_CHECKED : SERVED);
    }
    boolean scarce = facts.isScarce();
    if ((scarce || state == Freshness.State.LATE) && !facts.isRefused() && facts.isHeld()) {
      return Optional.of(scarce ? SPARED : SERVED_WHILE_ASKED);
    }
    return Optional.empty();
  }

  private static Verdict byAsking(Facts facts) {
    if (facts.isAbsent()) {
      return ABSENT;
    }
    if (!facts.isGranted()) {
      return ASKED_FOR_CLIENT;
    }
    if (facts.isReachable()) {
      return facts.isHeld() ? ASKED : facts.isResolved() ? FETCHED_AS_RESOLVED : FETCHED;
    }
    if (!facts.isHeld()) {
      return UNREACHABLE;
    }
    return facts.isRefused() ? REFUSED : STALE;
  }

  /** Whether a client would get the stored manifest. */
  public boolean isServedFromHere() {
    return switch (this) {
      case SERVED, SERVED_AND_CHECKED, SERVED_WHILE_ASKED, SPARED, STALE, ASKED, ASKED_FOR_CLIENT ->
          true;
      case FETCHED, FETCHED_AS_RESOLVED, ABSENT, REFUSED, UNREACHABLE -> false;
    };
  }

  /** Whether the upstream's answer decides what is served. */
  public boolean isOpen() {
    return switch (this) {
      case ASKED, ASKED_FOR_CLIENT, FETCHED, FETCHED_AS_RESOLVED -> true;
      default -> false;
    };
  }

  /**
   * The number of upstream requests for the manifest itself.
   *
   * @param byTag whether it is requested by tag, which must be resolved first
   * @param answered whether a question to the upstream would be sent
   */
  public int requests(boolean byTag, boolean answered) {
    return switch (this) {
      case SERVED, SPARED, STALE, ABSENT, REFUSED, UNREACHABLE -> 0;
      case SERVED_AND_CHECKED, SERVED_WHILE_ASKED -> answered ? 1 : 0;
      case ASKED, ASKED_FOR_CLIENT, FETCHED_AS_RESOLVED -> 1;
      case FETCHED -> byTag ? 2 : 1;
    };
  }
}
