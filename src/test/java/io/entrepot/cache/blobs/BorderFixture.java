package io.entrepot.cache.blobs;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.TestUpstream;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;

/**
 * A blob cache in front of two upstreams: {@code docker.io} has a blob, {@code lab} may have it.
 */
abstract class BorderFixture extends BlobCacheFixture {
  static final RepositoryName LAB_APP = RepositoryName.of("lab/team/app");
  static final RepositoryName LAB_OTHER = RepositoryName.of("lab/team/other");

  final TestUpstream lab = new TestUpstream("lab");

  @AfterEach
  void closeLab() {
    lab.close();
  }

  CompletableFuture<BlobDelivery> fetchFromLab() {
    return fetchFromLab(LAB_APP, digest);
  }

  CompletableFuture<BlobDelivery> fetchFromLab(RepositoryName repository, Digest wanted) {
    return cache.fetch(pull(lab, repository, wanted), wanted, null);
  }

  /** Runs all waiting tasks but those of {@code docker.io}. */
  void settleLab() {
    while (lookups.size() + lab.questions.size() + lab.fills.size() > 0) {
      lookups.runAll();
      lab.questions.runAll();
      lab.fills.runAll();
    }
  }

  boolean labHas(Digest wanted) {
    return cache.find(pull(lab, LAB_APP, wanted), wanted).isPresent();
  }
}
