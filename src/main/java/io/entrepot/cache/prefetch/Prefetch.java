package io.entrepot.cache.prefetch;

import io.entrepot.access.Client;
import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.tags.ManifestAnswer;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Reference;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.spool.Rooms;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run of a prefetch. Used by one thread, which waits for the upstream. */
final class Prefetch {
  /** How often a job that waits looks whether it was cancelled. */
  private static final long LOOK_MILLIS = 250;

  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  private static final int CHUNK = 64 << 10;

  /** All prefetches together are one client, with the share of one. */
  static final Client CLIENT = Client.anonymous("prefetch");

  private final Prefetches.Caches caches;
  private final Rooms rooms;
  private final LongSupplier free;
  private final PrefetchJob job;
  private final Source source;
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK);

  Prefetch(Prefetches.Caches caches, Rooms rooms, LongSupplier free, PrefetchJob job) {
    this.caches = caches;
    this.rooms = rooms;
    this.free = free;
    this.job = job;
    this.source = job.wish().source();
  }

  /** Fetches the image. Returns early if the job is cancelled. */
  void run() throws PrefetchException, InterruptedException {
    Manifest image = manifest(job.wish().wanted());
    Map<Digest, Long> blobs = new LinkedHashMap<>();
    for (Manifest manifest : manifests(image)) {
      manifest.children().forEach(blob -> blobs.putIfAbsent(blob.digest(), blob.size()));
    }
    job.needs(blobs.values().stream().mapToLong(Long::longValue).sum());
    checkRoom(blobs);
    for (Map.Entry<Digest, Long> blob : blobs.entrySet()) {
      if (job.isCancelled()) {
        return;
      }
      fetch(blob.getKey());
    }
  }

  private void checkRoom(Map<Digest, Long> blobs) throws PrefetchException {
    Optional<String> refusal = rooms.refusal(source.upstream(), job.bytes());
    if (refusal.isPresent()) {
      throw new PrefetchException(
          "it does not fit: it has " + job.bytes() + " bytes, and " + refusal.get());
    }
    long missing =
        blobs.entrySet().stream()
            .filter(blob -> caches.content().findBytes(blob.getKey()).isEmpty())
            .mapToLong(Map.Entry::getValue)
            .sum();
    long left = free.getAsLong();
    if (missing > left) {
      throw new PrefetchException(
          "it does not fit: " + missing + " bytes are missing, and there is room for " + left);
    }
  }

  /** The manifests whose blobs are wanted. */
  private List<Manifest> manifests(Manifest image) throws PrefetchException, InterruptedException {
    List<Manifest> all = new ArrayList<>();
    if (image.isIndex()) {
      for (Descriptor child : chosen(image)) {
        all.add(manifest(child.digest()));
      }
    } else {
      all.add(image);
    }
    if (job.wish().referrers()) {
      List<Manifest> subjects = new ArrayList<>(all);
      subjects.add(image);
      for (Digest subject : subjects.stream().map(Manifest::digest).distinct().toList()) {
        for (Descriptor referrer : referrers(subject)) {
          all.add(manifest(referrer.digest()));
        }
      }
    }
    return all;
  }

  private List<Descriptor> chosen(Manifest index) throws PrefetchException {
    List<String> wanted = job.wish().platforms();
    List<Descriptor> chosen =
        index.children().stream()
            .filter(child -> wanted.isEmpty() || isOf(wanted, child.platform()))
            .toList();
    if (chosen.isEmpty()) {
      throw new PrefetchException(
          "it is not for these platforms; it is for "
              + index.children().stream()
                  .map(child -> String.valueOf(child.platform()))
                  .distinct()
                  .limit(50)
                  .collect(Collectors.joining(", ")));
    }
    return chosen;
  }

  /** {@code linux/arm64} means each variant of it. */
  private static boolean isOf(List<String> wanted, @Nullable String platform) {
    return platform != null
        && wanted.stream().anyMatch(one -> platform.equals(one) || platform.startsWith(one + "/"));
  }

  private Manifest manifest(Reference reference) throws PrefetchException, InterruptedException {
    PullRequest pull = pull(new RegistryRequest.GetManifest(source.shown(), reference));
    ManifestAnswer answer = await(caches.manifests().fetch(pull, reference));
    try (BlobReader reader = BlobReader.of(answer.body())) {
      return Manifest.read(answer.digest(), answer.mediaType(), reader.readRest());
    } catch (IOException | OciException e) {
      throw new PrefetchException("manifest " + answer.digest() + " cannot be read");
    }
  }

  private List<Descriptor> referrers(Digest subject)
      throws PrefetchException, InterruptedException {
    RegistryRequest.ListReferrers list =
        new RegistryRequest.ListReferrers(source.shown(), subject, null);
    byte[] index = await(caches.referrers().get(pull(list), list)).index();
    Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, index);
    return Manifest.read(digest, INDEX, index).children();
  }

  private PullRequest pull(RegistryRequest.InRepository request) {
    return new PullRequest(request, source, CLIENT);
  }

  private void fetch(Digest digest) throws PrefetchException, InterruptedException {
    PullRequest pull = pull(new RegistryRequest.GetBlob(source.shown(), digest));
    CompletableFuture<BlobDelivery> delivery = caches.blobs().fetch(pull, digest, null);
    try {
      BlobDelivery blob = await(delivery);
      if (blob.outcome() == CacheOutcome.HIT || blob.outcome() == CacheOutcome.LINKED) {
        job.has(blob.length());
      } else {
        read(blob.reader());
      }
    } catch (IOException e) {
      throw new PrefetchException("blob " + digest + " has not come: " + e.getMessage());
    } finally {
      // Also if it comes after the job was cancelled.
      var unused = delivery.thenAccept(BlobDelivery::close);
    }
  }

  /** Reads what arrives, as a client does, so that the fill goes on. */
  private void read(BlobReader reader) throws IOException, InterruptedException {
    while (!job.isCancelled()) {
      chunk.clear();
      int n = reader.read(chunk);
      if (n < 0) {
        return;
      }
      job.has(n);
      if (n == 0) {
        Semaphore more = new Semaphore(0);
        reader.park(more::release);
        while (!job.isCancelled() && !more.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {}
      }
    }
  }

  /** Waits for an answer, which comes within the timeouts of the upstream. */
  private <T> T await(CompletableFuture<T> answer) throws PrefetchException, InterruptedException {
    Semaphore done = new Semaphore(0);
    var unused = answer.whenComplete((value, failure) -> done.release());
    while (!done.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      if (job.isCancelled()) {
        throw new PrefetchException("it was cancelled");
      }
    }
    try {
      return answer.join(); // it has come
    } catch (CompletionException e) {
      throw new PrefetchException(String.valueOf(ClientErrors.unwrapped(e).getMessage()));
    }
  }
}
