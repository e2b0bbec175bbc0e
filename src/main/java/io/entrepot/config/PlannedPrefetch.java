package io.entrepot.config;

import io.entrepot.cache.prefetch.PrefetchJob;
import io.entrepot.cache.prefetch.PrefetchPlan;
import io.entrepot.catalog.Pin;
import io.entrepot.expiry.quartz.CronTime;
import java.util.ArrayList;
import java.util.List;

/**
 * A plan of the setting {@code prefetch}: a time of cron, one image or pattern of images, any
 * number of platforms, and perhaps {@code referrers}, with spaces in between. Immutable.
 */
record PlannedPrefetch(
    String text, CronTime time, Pin images, List<String> platforms, boolean referrers) {
  /** As many as may wait; each run may have many images. */
  static final int MAX = 100;

  /** A time and an image. */
  private static final int LEAST_WORDS = CronTime.FIELDS + 1;

  private static final String REFERRERS = "referrers";

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException with a hint
   */
  static PlannedPrefetch parse(String text) {
    List<String> words = words(text);
    Syntax.require(words.size() >= LEAST_WORDS, "as in 0 3 * * * ghcr.io/acme/*:v*");
    boolean referrers = words.size() > LEAST_WORDS && words.get(words.size() - 1).equals(REFERRERS);
    List<String> platforms = words.subList(LEAST_WORDS, words.size() - (referrers ? 1 : 0));
    Syntax.require(
        PrefetchJob.arePlatforms(platforms),
        "behind the image, platforms such as linux/amd64 or linux/arm64/v8, and referrers last");
    return new PlannedPrefetch(
        String.join(" ", words),
        CronTime.parse(words.subList(0, CronTime.FIELDS)),
        Pin.parse(words.get(CronTime.FIELDS)),
        platforms,
        referrers);
  }

  /** Cuts a list at its commas, but not at those of a time, which come before the image. */
  static List<String> items(String text) {
    List<String> items = new ArrayList<>();
    String begun = "";
    for (String piece : text.split(",", -1)) {
      String item = begun + piece;
      boolean isWhole = item.isBlank() || words(item).size() >= LEAST_WORDS;
      begun = isWhole ? "" : item + ",";
      if (isWhole && !item.isBlank()) {
        items.add(item.strip());
      }
    }
    if (!begun.isEmpty()) {
      items.add(begun.substring(0, begun.length() - 1).strip()); // to be told as wrong
    }
    return items;
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+"));
  }

  PrefetchPlan plan(PinSyntax syntax) {
    return new PrefetchPlan(
        text, time::next, syntax.patterns().of(images).toList(), platforms, referrers);
  }
}
