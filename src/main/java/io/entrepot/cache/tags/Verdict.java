package io.entrepot.cache.tags;

import io.entrepot.routing.Freshness;
import java.util.Optional;

/**
 * What becomes of a request for a manifest. The cache decides by it and explanations show it, so
 * that both always say the same.
 */
public enum Verdict {
  /** What is here counts. */
  SERVED("is served from here without asking"),
  /** What is here counts; whether the tag has moved all the same is asked once a day. */
  SERVED_AND_CHECKED(
      "is served from here at once, and afterwards the upstream is asked whether the tag has moved,"
          + " which is done once a day"),
  /** What is here is served, and the upstream is asked afterwards. */
  SERVED_WHILE_ASKED("is served from here at once while the upstream is asked whether it moved"),
  /** What is here is served, since few of the upstream's requests are left. */
  SPARED("is served from here although it is stale, since the upstream's quota is scarce"),
  /** What is here is served, since the upstream is not asked now. */
  STALE("is served from here although it is stale, since the upstream is not asked now"),
  /** One HEAD says whether what is here counts. */
  ASKED("is here, but the upstream is asked first whether it moved"),
  /** It is not here. */
  FETCHED("is not here and would be fetched"),
  /** The upstream said a moment ago that there is no such thing. */
  ABSENT("is not there, as the upstream said a moment ago, and it is not asked again so soon"),
  /** It is here, but the upstream refused it when it was asked last, and is not asked now. */
  REFUSED("was refused by the upstream when it was asked last, and it is not asked now"),
  /** It is not here, and the upstream is not asked now. */
  UNREACHABLE("is not here and cannot be had, since the upstream is not asked now");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  /** How a sentence goes on after the name of the manifest. */
  public String words() {
    return words;
  }

  /** What is known of a manifest. Each is asked for only where the verdict depends on it. */
  public interface Facts {
    /** Whether it is here. */
    boolean isHeld();

    /** Whether what is here counts. */
    Freshness.State state();

    /** Whether it is time to check that a tag which is never to move has not moved. */
    boolean isCheckDue();

    /** Whether the upstream has last refused to answer. */
    boolean isRefused();

    /** Whether few of the requests that the upstream grants are left. */
    boolean isScarce();

    /** Whether the upstream said a moment ago that there is none. */
    boolean isAbsent();

    /** Whether the upstream would be asked. */
    boolean isReachable();
  }

  /** The verdict on all that is known. */
  public static Verdict of(Facts facts) {
    return withoutAsking(facts).orElseGet(() -> byAsking(facts));
  }

  /** The verdict where what is here is served at once; empty where the upstream comes first. */
  static Optional<Verdict> withoutAsking(Facts facts) {
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
    if (facts.isReachable()) {
      return facts.isHeld() ? ASKED : FETCHED;
    }
    if (!facts.isHeld()) {
      return UNREACHABLE;
    }
    return facts.isRefused() ? REFUSED : STALE;
  }

  /** Whether a client would get a manifest that is here already. */
  public boolean isServedFromHere() {
    return switch (this) {
      case SERVED, SERVED_AND_CHECKED, SERVED_WHILE_ASKED, SPARED, STALE, ASKED -> true;
      case FETCHED, ABSENT, REFUSED, UNREACHABLE -> false;
    };
  }

  /** Whether the answer of the upstream decides what is served. */
  public boolean isOpen() {
    return this == ASKED || this == FETCHED;
  }

  /**
   * The requests that the manifest itself costs.
   *
   * @param byTag whether it is asked for by tag, which is resolved first
   * @param answered whether a question to the upstream would be sent
   */
  public int requests(boolean byTag, boolean answered) {
    return switch (this) {
      case SERVED, SPARED, STALE, ABSENT, REFUSED, UNREACHABLE -> 0;
      case SERVED_AND_CHECKED, SERVED_WHILE_ASKED -> answered ? 1 : 0;
      case ASKED -> 1;
      case FETCHED -> byTag ? 2 : 1;
    };
  }
}
