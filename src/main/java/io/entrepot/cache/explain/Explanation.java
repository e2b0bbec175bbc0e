package io.entrepot.cache.explain;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.entrepot.routing.UpstreamStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The explanation of what a pull of a reference would do now, and why, as text and numbers for
 * people. Times are in ISO 8601.
 *
 * @param reference the reference as it was parsed
 * @param sentence a short summary
 * @param route the upstream and repository that the reference leads to, or null if it selects no
 *     upstream
 * @param admission whether the repository may be pulled, or null without a route
 * @param details what is known about the image; empty without a route, or if it may not be pulled
 * @param cost the upstream requests and bytes that a pull would need
 */
public record Explanation(
    String reference,
    String sentence,
    @Nullable Lead route,
    @Nullable Admitted admission,
    @JsonUnwrapped Details details,
    Price cost) {

  /** The same for somebody who may know nothing of it. */
  public Explanation withoutFacts(String why) {
    return new Explanation(reference, why + ".", null, null, Details.NONE, Price.NOTHING);
  }

  /**
   * What is known about the image.
   *
   * @param rule how long the stored content stays valid, or null
   * @param cache the stored content, or null
   * @param upstream the status of the upstream, or null
   */
  public record Details(@Nullable Rule rule, @Nullable Held cache, @Nullable Standing upstream) {
    static final Details NONE = new Details(null, null, null);
  }

  /**
   * The upstream and repository that the reference leads to.
   *
   * @param upstream the name of the upstream
   * @param urls the URLs of the upstream and its mirrors; empty if it is offline
   * @param way how the client has selected the upstream: {@code namespace}, {@code host}, {@code
   *     path} or {@code default}
   * @param repository the name of the repository, as clients use it in a path
   * @param remote the name of the repository at the upstream
   * @param hides which repositories of the default upstream the name hides, and how they are
   *     pulled; null if it hides none
   */
  public record Lead(
      String upstream,
      List<String> urls,
      String way,
      String repository,
      String remote,
      @Nullable String hides) {}

  /**
   * Whether the repository may be pulled.
   *
   * @param allowed whether it may be pulled
   * @param refusal the rule that refuses it, or null
   */
  public record Admitted(boolean allowed, @Nullable String refusal) {}

  /**
   * How long the stored content stays valid.
   *
   * @param kind {@code digest} for a digest, which cannot change; {@code immutable} for a tag that
   *     never moves by the settings; {@code interval} for other tags
   * @param tags the pattern of the rule, or null for the upstream's rule for all tags
   * @param revalidateSeconds for how long a tag is served without a request to the upstream, or
   *     null for ever
   * @param staleWindowSeconds for how long after that a tag is served while the upstream is asked
   * @param coolingSeconds how long ago the upstream must have returned a digest first, before the
   *     tag leads to it
   * @param pins the pins because of which the image never expires
   */
  public record Rule(
      String kind,
      @Nullable String tags,
      @Nullable Long revalidateSeconds,
      long staleWindowSeconds,
      long coolingSeconds,
      List<String> pins) {}

  /**
   * The stored content.
   *
   * @param state "fresh", "late" (served while the upstream is asked), "stale" (the upstream is
   *     asked first) or "absent"
   * @param digest the digest that a client would get, or null if unknown
   * @param word the last answer of the upstream about the tag
   * @param stored the manifest in the store
   */
  public record Held(
      String state,
      @Nullable String digest,
      @JsonUnwrapped Word word,
      @JsonUnwrapped Stored stored) {}

  /**
   * The last answer of the upstream about a tag.
   *
   * @param deviation {@code cooled} or {@code moved} if clients get another digest than the
   *     upstream returned, or null
   * @param ageSeconds the age of the answer in seconds
   * @param nextRevalidation when the upstream would be asked again; null for never or at once
   */
  public record Word(
      @Nullable String deviation, @Nullable Long ageSeconds, @Nullable String nextRevalidation) {
    static final Word NONE = new Word(null, null, null);
  }

  /**
   * A manifest in the store.
   *
   * @param mediaType the media type, or null if it is not stored
   * @param size the size of the manifest in bytes, or null if it is not stored
   * @param leaseUntil when it expires for this repository unless it is used, or null for never
   * @param contents the content that the manifest lists, or null if it is not stored
   */
  public record Stored(
      @Nullable String mediaType,
      @Nullable Long size,
      @Nullable String leaseUntil,
      @Nullable Contents contents) {
    static final Stored NOTHING = new Stored(null, null, null, null);
  }

  /**
   * The content that a manifest lists; for an index, the content of its manifests.
   *
   * @param manifests one entry for each manifest of an index, in its order; for a manifest, one
   *     entry for itself
   * @param cut whether the list is too long, so that only a part was examined
   */
  public record Contents(List<Part> manifests, boolean cut) {}

  /**
   * A manifest and the blobs that it lists.
   *
   * @param digest the digest of the manifest
   * @param platform its platform, such as {@code linux/arm64/v8}; left out where the index does not
   *     say
   * @param here whether the manifest is stored; if not, its blobs are unknown
   * @param blobs the number of different blobs that it lists
   * @param blobsHere how many of the blobs are stored for this repository
   * @param missingBytes the size of all other blobs, in bytes. Some may be stored for another
   *     repository, so that they are not downloaded. That is not told.
   */
  public record Part(
      String digest,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String platform,
      boolean here,
      int blobs,
      int blobsHere,
      long missingBytes) {
    int requests() {
      return here ? blobs - blobsHere : 1;
    }

    boolean isWhole() {
      return here && blobsHere == blobs;
    }
  }

  /**
   * The status of the upstream.
   *
   * @param offline whether it is set to offline
   * @param reachable whether a request would be sent: it is not offline, and not all breakers of
   *     its registries are open
   * @param scarce whether its quota is used only for content that is not stored
   * @param registries the status of its registries
   */
  public record Standing(
      boolean offline,
      boolean reachable,
      boolean scarce,
      List<UpstreamStatus.OfRegistry> registries) {}

  /**
   * The upstream requests and bytes that a pull would need, as far as the cache knows. Requests for
   * tokens are not counted. Of an index, only the manifest that needs the least is counted.
   *
   * @param requests the number of requests
   * @param andMore whether more may be needed, depending on the upstream's answers
   * @param bytes the bytes of blobs to download
   */
  public record Price(int requests, boolean andMore, long bytes) {
    static final Price NOTHING = new Price(0, false, 0);
  }
}
