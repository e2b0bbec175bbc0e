package io.entrepot.cache.blobs;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.SmallBlobs;
import io.entrepot.catalog.LinkKey;
import io.entrepot.catalog.LinkKind;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciException;
import io.entrepot.routing.BlobRules;
import io.entrepot.routing.BlobRules.Eager;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what an image consists of as soon as a client pulls its manifest, before the client asks
 * for it. Other fills go first. Of an index nothing is fetched, because only the next request of
 * the client tells its platform. Thread-safe.
 */
public final class Ahead {
  private static final Logger log = LoggerFactory.getLogger(Ahead.class);

  /** However many clients pull a manifest, it is read once in this time. */
  private static final Duration AGAIN = Duration.ofMinutes(1);

  /** So many blobs of one manifest are fetched. Docker makes no image with more layers. */
  private static final int MAX_BLOBS = 128;

  private final LocalContent content;
  private final Fills fills;
  private final Lookups lookups;
  private final Clock clock;
  private final Cache<LinkKey, Long> pulled;

  /** Wires the collaborators. */
  public Ahead(
      LocalContent content, Fills fills, Lookups lookups, MemoryBudget memory, Clock clock) {
    this.content = content;
    this.fills = fills;
    this.lookups = lookups;
    this.clock = clock;
    this.pulled = memory.cache(Share.AHEAD, (key, at) -> key.weight() + Weight.RECORD);
  }

  /** A client has got a manifest. Never waits. */
  public void pulled(PullRequest pull, Digest digest) {
    Source source = pull.source();
    if (!pull.isUse() || source.blobs().eager() == Eager.NONE || source.isScarce()) {
      return;
    }
    LinkKey manifest = new LinkKey(pull.repository(), digest, LinkKind.MANIFEST);
    long now = clock.millis();
    Long before = pulled.getIfPresent(manifest);
    if (before == null || now - before >= AGAIN.toMillis()) {
      pulled.put(manifest, now);
      var unused = lookups.find(() -> begin(pull, digest)); // if too much waits, nothing is fetched
    }
  }

  private boolean begin(PullRequest pull, Digest digest) {
    try {
      Optional<Manifest> manifest = read(pull, digest);
      manifest.ifPresent(
          image ->
              wanted(image, pull.source().blobs())
                  .map(Descriptor::digest)
                  .distinct()
                  .limit(MAX_BLOBS)
                  .filter(blob -> !isHere(pull, blob))
                  .forEach(blob -> fills.beginWhenIdle(blob, pull)));
      return manifest.isPresent();
    } catch (IOException | OciException e) {
      log.debug("Nothing of {}@{} is fetched ahead", pull.repository(), digest, e);
      return false;
    }
  }

  private Optional<Manifest> read(PullRequest pull, Digest digest) throws IOException {
    Optional<LinkedBlob> stored = content.find(pull.repository(), digest, LinkKind.MANIFEST);
    byte[] bytes = stored.isEmpty() ? null : stored.get().readSound();
    return bytes == null
        ? Optional.empty()
        : Optional.of(Manifest.read(digest, stored.get().link().mediaType(), bytes));
  }

  private static Stream<Descriptor> wanted(Manifest image, BlobRules rules) {
    if (image.isIndex()) {
      return Stream.empty();
    }
    // Else each of these fills would end at once, because no client reads it.
    boolean layersGoOn = rules.goesOn(0, 1);
    return rules.eager() == Eager.LAYERS && layersGoOn
        ? image.children().stream()
        : Stream.ofNullable(image.config()).filter(config -> config.size() <= SmallBlobs.MAX_SIZE);
  }

  private boolean isHere(PullRequest pull, Digest blob) {
    return content.findLink(pull.repository(), blob, LinkKind.BLOB).isPresent();
  }
}
