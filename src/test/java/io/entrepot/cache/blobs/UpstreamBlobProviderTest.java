package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.cache.TestUpstream;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The provider that fetches from an upstream. */
class UpstreamBlobProviderTest extends BlobProviderContract {
  private final TestUpstream upstream = new TestUpstream();
  private final Cost cost = new Cost();

  UpstreamBlobProviderTest() {
    upstream.registry.putBlob("team/app", BLOB);
  }

  @AfterEach
  void close() {
    upstream.close();
  }

  @Override
  BlobProvider provider(Digest digest, long maxSize) {
    return provider("team/app", digest, maxSize);
  }

  private BlobProvider provider(String repository, Digest digest, long maxSize) {
    RepositoryName name = RepositoryName.of(repository);
    return BlobProvider.of(upstream.source(name, BlobCacheFixture.rules(maxSize, 0)), digest, cost);
  }

  @Override
  void breakAfter(long bytes) {
    upstream.registry.inject(Recorded.blobGet(DIGEST), Fault.closeAfter(bytes), 1);
  }

  @Test
  void eachFetchCostsOneRequest() throws Exception {
    BlobProvider provider = provider(DIGEST, 0);
    provider.fetch(FetchRange.WHOLE).close();
    provider.fetch(new FetchRange(10, 19, null)).close();

    assertThat(cost.requests()).isEqualTo(2);
    assertThat(upstream.requests()).containsExactly("GET", "GET");
  }

  @Test
  void sizeCostsNothing() {
    provider(DIGEST, 0).checkSize(1);

    assertThat(cost.requests()).isZero();
  }

  @Test
  void wholeBlobIsSentForARangeWhereTheUpstreamGivesNoParts() throws Exception {
    upstream.registry.withoutRanges();

    try (var body = provider(DIGEST, 0).fetch(new FetchRange(1000, 1999, null))) {
      assertThat(body.offset()).isZero();
      assertThat(body.stream().readAllBytes()).isEqualTo(BLOB);
    }
  }

  @Test
  void upstreamIsAskedInTheNameOfTheRepository() {
    assertThatExceptionOfType(UpstreamException.class)
        .isThrownBy(() -> provider("team/other", DIGEST, 0).fetch(FetchRange.WHOLE))
        .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.NOT_FOUND));
  }
}
