package io.entrepot.admin;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.entrepot.access.Viewer;
import io.entrepot.cache.prefetch.PrefetchJob;
import io.entrepot.cache.prefetch.Prefetches;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Quoted;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The prefetches as people see and change them. Thread-safe. */
public final class PrefetchList {
  private final Sources sources;
  private final Prefetches prefetches;

  public PrefetchList(Sources sources, Prefetches prefetches) {
    this.sources = sources;
    this.prefetches = prefetches;
  }

  /**
   * A job.
   *
   * @param reference the image, as it was written
   * @param state {@code waiting}, {@code running}, {@code done}, {@code failed} or {@code
   *     cancelled}
   * @param why why it has failed, or null
   * @param created when it was begun, in ISO 8601
   */
  public record JobInfo(
      String id,
      String reference,
      String state,
      @JsonUnwrapped Amount amount,
      @Nullable String why,
      String created) {
    /**
     * How much it is.
     *
     * @param bytes how many bytes of blobs it needs, as far as its manifests are known
     * @param bytesHere how many of these are here
     */
    public record Amount(long bytes, long bytesHere) {}

    private static JobInfo of(PrefetchJob job) {
      return new JobInfo(
          Long.toString(job.id()),
          job.wish().reference(),
          job.state().name().toLowerCase(Locale.ROOT),
          new Amount(job.bytes(), job.bytesHere()),
          job.why(),
          job.created().toString());
    }
  }

  List<JobInfo> jobs(Viewer viewer) {
    return prefetches.jobs().stream()
        .filter(job -> mayPull(viewer, job.wish().source()))
        .map(JobInfo::of)
        .toList();
  }

  JobInfo begin(String reference, List<String> platforms, boolean referrers, Viewer viewer) {
    if (!PrefetchJob.arePlatforms(platforms)) {
      throw new OciException(
          OciError.NAME_INVALID,
          "platforms must be up to "
              + PrefetchJob.MAX_PLATFORMS
              + " such as linux/amd64 or linux/arm64/v8");
    }
    ImageReference image = ImageReference.parse(reference);
    Source source = sources.trace(image, null, null).source();
    if (!mayPull(viewer, source)) {
      throw new OciException(OciError.DENIED, "you may not pull " + Quoted.of(reference));
    }
    return prefetches
        .begin(PrefetchJob.Wish.of(image, source, platforms, referrers))
        .map(JobInfo::of)
        .orElseThrow(() -> new ConflictException("too many prefetches wait; try again later"));
  }

  boolean cancel(String id) {
    return prefetches.jobs().stream()
        .filter(job -> Long.toString(job.id()).equals(id))
        .anyMatch(prefetches::cancel);
  }

  private static boolean mayPull(Viewer viewer, Source source) {
    return viewer.mayPull(source.repository().value());
  }
}
