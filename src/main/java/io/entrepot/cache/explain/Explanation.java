package io.entrepot.cache.explain;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.entrepot.routing.UpstreamStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pull of one reference would get now, and why, as text and numbers for people. Instants are
 * in ISO 8601.
 *
 * @param reference as it was understood
 * @param sentence all of it in a few words
 * @param route where it leads, or null where no upstream is meant
 * @param admission whether it may be had, or null without a route; nothing more is told if not
 * @param details what is known of it; none without a route, or where it may not be had
 * @param cost what a pull would ask of the upstream
 */
public record Explanation(
    String reference,
    String sentence,
    @Nullable Lead route,
    @Nullable Admitted admission,
    @JsonUnwrapped Details details,
    Price cost) {

  /**
   * What is known of it.
   *
   * @param rule how long what is here counts, or null
   * @param cache what is here, or null
   * @param upstream how the upstream stands, or null
   */
  public record Details(@Nullable Rule rule, @Nullable Held cache, @Nullable Standing upstream) {
    static final Details NONE = new Details(null, null, null);
  }

  /**
   * Where it leads.
   *
   * @param upstream its name
   * @param urls of the upstream and its mirrors; none where it is offline
   * @param way how the client said which upstream it means: {@code namespace}, {@code host}, {@code
   *     path} or {@code default}
   * @param repository its name here
   * @param remote its name there
   */
  public record Lead(
      String upstream, List<String> urls, String way, String repository, String remote) {}

  /**
   * Whether it may be had.
   *
   * @param refusal the rule that refuses it, or null
   */
  public record Admitted(boolean allowed, @Nullable String refusal) {}

  /**
   * How long what is here counts.
   *
   * @param kind {@code digest} for what cannot change, {@code immutable} for a tag that is never to
   *     move, {@code interval} for others
   * @param tags the pattern whose rule it is, or null where it is the upstream's for all tags
   * @param revalidateSeconds for how long a tag is served without asking, or null where for ever
   * @param staleWindowSeconds for how long after that it is served while the upstream is asked
   * @param coolingSeconds how long ago the upstream must have named a digest first
   * @param pins those that spare it from expiry
   */
  public record Rule(
      String kind,
      @Nullable String tags,
      @Nullable Long revalidateSeconds,
      long staleWindowSeconds,
      long coolingSeconds,
      List<String> pins) {}

  /**
   * What is here.
   *
   * @param state "fresh", "late" (served while the upstream is asked), "stale" (the upstream is
   *     asked first) or "absent"
   * @param digest where it leads, or null where that is not known
   * @param word what the upstream last said of the tag
   * @param stored what is in the store
   */
  public record Held(
      String state,
      @Nullable String digest,
      @JsonUnwrapped Word word,
      @JsonUnwrapped Stored stored) {}

  /**
   * What the upstream last said of a tag.
   *
   * @param deviation {@code cooled} or {@code moved} where the upstream names another digest
   * @param ageSeconds since the upstream last said so
   * @param nextRevalidation when the upstream would be asked again, or null where never or at once
   */
  public record Word(
      @Nullable String deviation, @Nullable Long ageSeconds, @Nullable String nextRevalidation) {
    static final Word NONE = new Word(null, null, null);
  }

  /**
   * A manifest in the store.
   *
   * @param size of the manifest in bytes
   * @param leaseUntil when it expires unless it is used, or null where it never does
   * @param contents what the manifest lists, or null where it is not here
   */
  public record Stored(
      @Nullable String mediaType,
      @Nullable Long size,
      @Nullable String leaseUntil,
      @Nullable Contents contents) {
    static final Stored NOTHING = new Stored(null, null, null, null);
  }

  /**
   * What a manifest lists, or for an index, what its manifests list.
   *
   * @param manifests those of an index, in its order; one for itself otherwise
   * @param cut whether there is more than is looked at
   */
  public record Contents(List<Part> manifests, boolean cut) {}

  /**
   * One manifest with what it lists.
   *
   * @param here whether the manifest is; if not, nothing is known of its blobs
   * @param blobs that it lists, each digest once
   * @param blobsHere of these, those that its repository has here
   * @param blobsElsewhere of these, those that are here for another repository: the upstream is
   *     asked whether this one may have them, and nothing is downloaded
   * @param missingBytes of all others
   */
  public record Part(
      String digest,
      boolean here,
      int blobs,
      int blobsHere,
      int blobsElsewhere,
      long missingBytes) {
    int requests() {
      return here ? blobs - blobsHere : 1;
    }

    boolean isWhole() {
      return here && blobsHere == blobs;
    }
  }

  /**
   * How the upstream stands.
   *
   * @param reachable whether it would be asked: it is not offline, and not all its registries are
   *     being spared
   * @param scarce whether its quota is saved for what is not here
   */
  public record Standing(
      boolean offline,
      boolean reachable,
      boolean scarce,
      List<UpstreamStatus.Registry> registries) {}

  /**
   * What a pull would ask of the upstream, as far as that can be known without asking; tokens not
   * counted. Of an index the one manifest is counted that needs least.
   *
   * @param andMore whether what the upstream answers decides what is fetched besides
   * @param bytes of blobs to download
   */
  public record Price(int requests, boolean andMore, long bytes) {
    static final Price NOTHING = new Price(0, false, 0);
  }
}
