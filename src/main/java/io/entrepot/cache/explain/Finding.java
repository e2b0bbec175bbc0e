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
 * What was found of one manifest for an {@link Explanation}, and what follows from it.
 *
 * @param target where the reference leads
 * @param manifest null where it is not here
 * @param contents null where the manifest is
 * @param reachable whether the upstream is asked at all
 * @param askable whether a question to the upstream would be sent
 */
record Finding(
    Target target,
    @Nullable Manifest manifest,
    @Nullable Contents contents,
    boolean reachable,
    boolean askable,
    Verdict verdict) {

  /**
   * Where a reference leads.
   *
   * @param byTag whether it is a tag
   * @param entry where the tag leads, or null for a digest or where that is not known
   * @param digest what the client would get, or null where that is not known
   * @param state whether what is here counts
   * @param freshUntil null where that is for ever, or not known
   */
  record Target(
      boolean byTag,
      @Nullable TagEntry entry,
      @Nullable Digest digest,
      Freshness.State state,
      @Nullable Instant freshUntil) {}

  /** An index is pulled for one platform: the one that needs least stands for it. */
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

  /** What a pull would ask of the upstream. */
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
   * All of it in a few words.
   *
   * @param name what to call the manifest
   */
  String sentence(String name) {
    StringBuilder said = new StringBuilder(name).append(' ').append(verdict.words());
    if (verdict == Verdict.SERVED && target.byTag()) {
      Instant freshUntil = target.freshUntil();
      said.append(freshUntil == null ? ", for the tag is never to move" : ", until " + freshUntil);
    }
    Part part = needed();
    if (part != null) {
      said.append("; ").append(blobs(part));
    }
    return said.append(". It costs ").append(words(price())).append('.').toString();
  }

  private String blobs(Part part) {
    String others = reachable ? "" : ", and the others cannot be had now";
    if (!part.here()) {
      return "none of the manifests that it lists is here" + others.replace("the others", "they");
    }
    if (part.isWhole()) {
      return part.blobs() == 0 ? "it has no blobs" : "all blobs, " + part.blobs() + ", are here";
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
    return requests + bytes + (price.andMore() ? ", or more by what the upstream says" : "");
  }
}
