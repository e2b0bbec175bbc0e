package io.entrepot.cache.tags;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.access.Client;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.Questions;
import io.entrepot.cache.TaskQueue;
import io.entrepot.cache.TestContent;
import io.entrepot.cache.TestTimer;
import io.entrepot.cache.TestUpstream;
import io.entrepot.cache.Told;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.NamePattern;
import io.entrepot.oci.Reference;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Rules;
import io.entrepot.routing.Source;
import io.entrepot.routing.TagRule;
import io.entrepot.routing.TestSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fixture with a manifest cache in front of a fake registry. A tag is fresh for an hour, and late
 * for another half hour. Tags that begin with {@code v} are immutable. The test runs each lookup
 * and question itself. The test's thread takes the part of a server's thread.
 */
@Timeout(60)
abstract class ManifestCacheFixture {
  static final RepositoryName APP = RepositoryName.of("team/app");
  static final Tag LATEST = new Tag("latest");
  static final Tag IMMUTABLE = new Tag("v1");
  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final Duration FRESH = Duration.ofHours(1);
  static final Duration LATE = Duration.ofMinutes(90);
  static final Duration NEGATIVE = Duration.ofSeconds(30);

  @TempDir Path folder;
  final TestClock clock = new TestClock();
  final TestUpstream upstream = new TestUpstream();
  final TaskQueue lookups = new TaskQueue("lookup");
  final TestTimer timer = new TestTimer();
  final Questions questions = new Questions(timer, lookups, MemoryBudget.ofHeap(), clock);
  boolean keepDeleted;
  TestContent here;
  ManifestCache cache;

  @BeforeEach
  void open() throws Exception {
    here = TestContent.open(folder, Duration.ZERO, 0, clock);
    CacheMeters meters = new CacheMeters(new SimpleMeterRegistry());
    cache =
        new ManifestCache(
            here.content, questions, new Lookups(lookups), meters, MemoryBudget.ofHeap(), clock);
  }

  @AfterEach
  void close() throws IOException {
    lookups.close();
    upstream.close();
    timer.shutdownNow();
    here.close();
  }

  Source source() {
    Freshness freshness =
        new Freshness(
            FRESH,
            List.of(TagRule.immutable(new NamePattern("v*"))),
            Duration.ZERO,
            LATE.minus(FRESH),
            NEGATIVE,
            keepDeleted,
            Duration.ZERO);
    Rules all = TestSources.RULES;
    return upstream.source(
        APP, new Rules(all.admission(), freshness, all.blobs(), all.expiry(), 0, all.deadline()));
  }

  /** All bytes that a client gets. */
  static byte[] bytes(ManifestAnswer answer) {
    try {
      return BlobReader.of(answer.body()).readRest();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] manifest(String name) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + OCI_MANIFEST
            + "\",\"annotations\":{\"name\":\""
            + name
            + "\"}}")
        .getBytes(UTF_8);
  }

  static Manifest verified(String name) {
    byte[] bytes = manifest(name);
    return Manifest.verify(Digest.ofBytes(Digest.Algorithm.SHA256, bytes), OCI_MANIFEST, bytes);
  }

  /** Makes a tag of the upstream point to a manifest with this name. */
  Digest put(Tag tag, String name) {
    return upstream.registry.putManifest(APP.value(), tag.toString(), OCI_MANIFEST, manifest(name));
  }

  PullRequest pull(Reference reference) {
    return new PullRequest(
        new RegistryRequest.GetManifest(APP, reference), source(), Client.anonymous("192.0.2.1"));
  }

  /** Does what a server does: looks in memory, and waits for an answer only if nothing is found. */
  CompletableFuture<ManifestAnswer> begin(Reference reference) {
    PullRequest pull = pull(reference);
    return cache
        .find(pull, reference)
        .map(CompletableFuture::completedFuture)
        .orElseGet(() -> cache.fetch(pull, reference));
  }

  /** Pulls, and runs all tasks of the pull. */
  CompletableFuture<ManifestAnswer> finish(Reference reference) {
    CompletableFuture<ManifestAnswer> answer = begin(reference);
    settle();
    return answer;
  }

  /** Pulls a manifest that the cache can serve. */
  ManifestAnswer get(Reference reference) {
    return Told.answer(finish(reference));
  }

  /** Pulls a tag once, so that it is stored. Then clears the recorded requests. */
  Digest pullOnce(Tag tag) {
    Digest digest = get(tag).digest();
    forgetCosts();
    return digest;
  }

  /** Checks that the server's thread has sent no query, and runs all waiting tasks. */
  void settle() {
    assertThat(here.log.threads())
        .as("the threads that have asked the database")
        .doesNotContain(Thread.currentThread().getName());
    while (lookups.size() + upstream.questions.size() > 0) {
      lookups.runAll();
      upstream.questions.runAll();
    }
  }

  void forgetCosts() {
    upstream.registry.clearRequests();
    here.log.clear();
  }

  /** Matches all requests for a manifest by this reference. */
  static Predicate<Recorded> of(Reference reference) {
    return Recorded.manifest(reference);
  }

  /** All requests to the upstream, such as {@code HEAD latest}. */
  List<String> requests() {
    return upstream.registry.requests().stream()
        .map(r -> r.method() + " " + r.path().substring(r.path().lastIndexOf('/') + 1))
        .toList();
  }
}
