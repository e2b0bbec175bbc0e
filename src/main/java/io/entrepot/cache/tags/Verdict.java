package io.entrepot.cache.tags;

import io.entrepot.routing.Freshness;

/**
 * What becomes of a request for a manifest: the decisions of {@link ManifestCache} in one place.
 */
public enum Verdict {
  /** What is here counts. */
  SERVED("is served from here without asking"),
  /** What is here is served, and the upstream is asked behind the client's back. */
  SERVED_WHILE_ASKED("is served from here at once while the upstream is asked whether it moved"),
  /** What is here is served, since the upstream's quota is scarce. */
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

  /** What goes on in a sentence after the name of the thing. */
  public String words() {
    return words;
  }

  /**
   * What is known of a manifest.
   *
   * @param held whether it is here
   * @param state whether what is here counts
   * @param refused whether the upstream has last refused to answer
   * @param scarce whether the upstream's quota is
   * @param absent whether the upstream said a moment ago that there is none
   * @param reachable whether the upstream would be asked
   */
  public record Facts(
      boolean held,
      Freshness.State state,
      boolean refused,
      boolean scarce,
      boolean absent,
      boolean reachable) {}

  public static Verdict of(Facts facts) {
    if (facts.held() && facts.state() == Freshness.State.FRESH) {
      return SERVED;
    }
    if (facts.held() && !facts.refused()) {
      if (facts.scarce()) {
        return SPARED;
      }
      if (facts.state() == Freshness.State.LATE) {
        return SERVED_WHILE_ASKED;
      }
    }
    if (facts.absent()) {
      return ABSENT;
    }
    if (!facts.reachable()) {
      return unreachable(facts);
    }
    return facts.held() ? ASKED : FETCHED;
  }

  private static Verdict unreachable(Facts facts) {
    if (!facts.held()) {
      return UNREACHABLE;
    }
    return facts.refused() ? REFUSED : STALE;
  }

  /** Whether a client would get a manifest that is here already. */
  public boolean isServedFromHere() {
    return switch (this) {
      case SERVED, SERVED_WHILE_ASKED, SPARED, STALE, ASKED -> true;
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
      case SERVED_WHILE_ASKED -> answered ? 1 : 0;
      case ASKED -> 1;
      case FETCHED -> byTag ? 2 : 1;
    };
  }
}
