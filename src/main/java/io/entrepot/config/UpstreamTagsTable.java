package io.entrepot.config;

import io.entrepot.routing.TagRule;
import java.time.Duration;
import java.util.List;

/** The part of {@link UpstreamTable} about how long an upstream's answers are used. */
final class UpstreamTagsTable {
  static final Setting<Duration> REVALIDATE =
      new Setting<>(
          "proxy.revalidate",
          Syntax.duration(),
          "0s",
          "How long a tag is served from the cache before the upstream is asked again whether the"
              + " tag has moved. `0s` asks at every pull.");
  static final Setting<List<TagRule>> TAGS =
      new Setting<>(
          "proxy.tags",
          Syntax.tagRules(),
          "",
          "Other intervals than `proxy.revalidate` for some tags, such as"
              + " `v*.*.*=immutable, latest=1m`. The first pattern that matches counts. An"
              + " `immutable` tag keeps the digest that it had first.");
  static final Setting<Duration> MAXAGE =
      new Setting<>(
          "proxy.maxage",
          Syntax.duration(),
          "1h",
          "If the upstream sends a `Cache-Control: max-age` that is longer than the interval, it is"
              + " used instead, but never for longer than this. `0s` ignores the header.");
  static final Setting<Duration> STALEWINDOW =
      new Setting<>(
          "proxy.stalewindow",
          Syntax.duration(),
          "0s",
          "For this long after its interval has ended, a tag is still served at once, and the"
              + " upstream is asked in the background. After that clients wait for the upstream.");
  static final Setting<Duration> NEGATIVE =
      new Setting<>(
          "proxy.negative",
          Syntax.duration("0s", "1h"),
          "5s",
          "How long a 404 of the upstream is remembered. Until then the same request gets 404"
              + " without asking again. Lists of tags and referrers are remembered for `2s` at most,"
              + " and never for longer than this.");
  static final Setting<Boolean> KEEPDELETED =
      new Setting<>(
          "proxy.keepdeleted",
          Syntax.bool(),
          "false",
          "Whether a cached tag is still served after the upstream has deleted it.");
  static final Setting<Duration> COOLING =
      new Setting<>(
          "proxy.cooling",
          Syntax.duration(),
          "0s",
          "A tag leads to a new digest only when this cache has known that digest for this long."
              + " Until then clients get an older one, if there is one. `0s` does not wait.");

  /** In the order in which people should read them. */
  static final List<Setting<?>> ALL =
      List.of(REVALIDATE, TAGS, MAXAGE, STALEWINDOW, NEGATIVE, KEEPDELETED, COOLING);

  private UpstreamTagsTable() {}
}
