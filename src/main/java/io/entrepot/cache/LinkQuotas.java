package io.entrepot.cache;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.Rooms;
import io.entrepot.spool.UpstreamSpace;
import io.entrepot.threads.OnceAMinute;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The quotas of upstreams, where content is linked that no fill has brought. Thread-safe. */
final class LinkQuotas {
  private static final Logger log = LoggerFactory.getLogger(LinkQuotas.class);

  private final Rooms rooms;
  private final BiPredicate<String, Digest> isLinkedBy;
  private final OnceAMinute due = new OnceAMinute();

  /**
   * Wires the collaborators.
   *
   * @param isLinkedBy whether a repository of an upstream has a digest; may query the database
   */
  LinkQuotas(Rooms rooms, BiPredicate<String, Digest> isLinkedBy) {
    this.rooms = rooms;
    this.isLinkedBy = isLinkedBy;
  }

  /** What links content. */
  @FunctionalInterface
  interface Linking {
    void run() throws IOException;
  }

  /**
   * Links content while its bytes are promised to the upstream of the repository. What another
   * repository of the upstream has needs no room.
   *
   * @throws IOException when there is no room, or the linking fails
   */
  void within(RepositoryName repository, Digest digest, long size, Linking linking)
      throws IOException {
    String upstream = Rooms.upstreamOf(repository);
    boolean isFree = rooms.of(upstream).isEmpty() || isLinkedBy.test(upstream, digest);
    UpstreamSpace.@Nullable Claim claim = isFree ? null : rooms.claim(repository, size);
    try {
      linking.run();
      if (claim != null) {
        claim.keep(size);
      }
    } finally {
      if (claim != null) {
        claim.release();
      }
    }
  }

  /** Logs that an image is larger than a quota, so that its blobs drive out each other. */
  void warnIfTooLarge(RepositoryName repository, Manifest manifest) {
    if (manifest.isIndex()) {
      return; // nobody pulls all of its images
    }
    long size = manifest.children().stream().mapToLong(Descriptor::size).sum();
    Optional<String> why = rooms.refusal(Rooms.upstreamOf(repository), size);
    if (why.isPresent() && due.isDue("too large")) {
      log.warn(
          "Image {} of {} is served but cannot be kept as a whole: it has {} bytes, and {}. More of"
              + " them are logged once a minute",
          manifest.digest(),
          repository,
          size,
          why.get());
    }
  }
}
