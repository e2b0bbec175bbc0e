package io.entrepot.cache.explain;

import io.entrepot.cache.explain.Explanation.Contents;
import io.entrepot.cache.explain.Explanation.Part;
import io.entrepot.cache.explain.Explanation.Price;
import io.entrepot.cache.tags.Verdict;
import io.entrepot.catalog.TagEntry;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.routing.Freshness;
import java.time.Instant;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The facts about one manifest for an {@link Explanation}, and the conclusions from them.
 *
 * @param target what the reference leads to
 * @param manifest the manifest, or null if it is not stored
 * @param contents the content that the manifest lists, or null if the manifest is null
 * @param reachable whether any request to the upstream would be sent
 * @param askable whether this question would be sent to the upstream
 * @param verdict what the cache would do
 */
record Finding(
    Target target,
    @Nullable Manifest manifest,
    @Nullable Contents contents,
    boolean reachable,
    boolean askable,
    Verdict verdict) {

  /**
   * What a reference leads to.
   *
   * @param byTag whether the reference is a tag
   * @param entry the stored entry of the tag, or null for a digest or an unknown tag
   * @param digest the digest that the client would get, or null if unknown
   * @param state whether the stored content is still valid
   * @param freshUntil until when it is fresh; null for ever, or if unknown
   */
  record Target(
      boolean byTag,
      @Nullable TagEntry entry,
      @Nullable Digest digest,
      Freshness.State state,
      @Nullable Instant freshUntil) {}

  /**
   * Orders the manifests of an index by what a pull would need. Clients pull one platform; the one
   * that needs the least is used for the estimate.
   */
  private static final Comparator<Part> LEAST =
      Comparator.comparing(Part::isWhole)
          .thenComparing(Part::here)
          .reversed()
          .thenComparingLong(Part::missingBytes)
          .thenComparingInt(Part::requests);

  private @Nullable Part needed() {
    return contents == null || !verdict.isServedFromHere()
        ? null
        : contents.manifests().stream().min(LEAST).orElse(null);
  }

  /** What a pull would need from the upstream. */
  Price price() {
    int requests = verdict.requests(target.byTag(), askable);
    Part part = needed();
    if (part == null || !reachable) {
      return new Price(requests, verdict.isOpen(), 0);
    }
    boolean andMore = verdict.isOpen() || !part.here();
    return new Price(requests + part.requests(), andMore, part.missingBytes());
  }

  /**
   * A short summary.
   *
   * @param name the name of the manifest
   */
  String sentence(String name) {
    StringBuilder text = new StringBuilder(name).append(' ').append(verdict.words());
    if (verdict == Verdict.SERVED && target.byTag()) {
      Instant freshUntil = target.freshUntil();
      text.append(freshUntil == null ? ", because the tag is immutable" : ", until " + freshUntil);
    }
    Part part = needed();
    if (part != null) {
      text.append("; ").append(blobs(part));
    }
    return text.append(". It costs ").append(words(price())).append('.').toString();
  }

  private String blobs(Part part) {
    String others = reachable ? "" : ", and the others cannot be fetched now";
    if (!part.here()) {
      return "none of the manifests that it lists is here" + others.replace("the others", "they");
    }
    if (part.isWhole()) {
      return part.blobs() == 0 ? "it has no blobs" : "all " + part.blobs() + " blobs are here";
    }
    return part.blobsHere() + " of " + part.blobs() + " blobs are here" + others;
  }

  private static String words(Price price) {
    String requests =
        switch (price.requests()) {
          case 0 -> "no upstream request";
          case 1 -> "one upstream request";
          default -> price.requests() + " upstream requests";
        };
    String bytes = price.bytes() == 0 ? "" : " and " + price.bytes() + " bytes";
    return requests
        + bytes
        + (price.andMore() ? ", or more, depending on the upstream's answer" : "");
  }
}
