package io.entrepot.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.store.s3.BucketException.Kind;
import io.entrepot.store.s3.BucketPlace.Keys;
import io.entrepot.store.s3.BucketPlace.Service;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The store in a bucket of a real S3 service. {@code src/test/cluster/run} starts the services and
 * names each by {@code -Dit.s3=URL}; the bucket {@code goods} is there, and the keys are {@code
 * tester} and {@code testing-secret}.
 */
@EnabledIfSystemProperty(named = "it.s3", matches = "http.*")
class S3ServerIT extends S3BlobStoreContract {
  private static final String BUCKET = "goods";

  private Bucket bucket;

  private static BucketPlace place(String bucket, String region, String secret) {
    return new BucketPlace(
        bucket,
        UUID.randomUUID() + "/",
        new Service(
            Optional.of(URI.create(System.getProperty("it.s3"))),
            Optional.of(region),
            true,
            List.of()),
        Optional.of(new Keys("tester", secret)),
        Optional.empty(),
        Optional.empty(),
        0);
  }

  @BeforeEach
  @Override
  void openStore() throws Exception {
    bucket = BucketFixture.real(place(BUCKET, "us-east-1", "testing-secret"));
    super.openStore();
  }

  @AfterEach
  void closeBucket() {
    bucket.close();
  }

  @Override
  Bucket bucket() {
    return bucket;
  }

  @Override
  long partSize() {
    return 5 << 20;
  }

  @Test
  void wrongBucketIsNamed() throws Exception {
    try (Bucket wrong =
        BucketFixture.real(place("no-such-bucket", "us-east-1", "testing-secret"))) {
      assertNamed("storage.s3.bucket: ", wrong);
    }
  }

  /** Only versitygw looks at the keys and the region. */
  @Test
  @EnabledIfSystemProperty(named = "it.s3.strict", matches = "true")
  void wrongSecretAndRegionAreNamed() throws Exception {
    try (Bucket wrong = BucketFixture.real(place(BUCKET, "us-east-1", "other-secret"))) {
      assertNamed("storage.s3.secretkey: ", wrong);
    }
    try (Bucket wrong = BucketFixture.real(place(BUCKET, "eu-west-7", "testing-secret"))) {
      assertNamed("storage.s3.region: ", wrong);
    }
  }

  private static void assertNamed(String setting, Bucket bucket) {
    BucketException refused =
        catchThrowableOfType(BucketException.class, () -> BucketOwner.claim(bucket, "id"));
    assertThat(refused).hasMessageStartingWith(setting);
    assertThat(refused.kind()).isEqualTo(Kind.SETTING);
  }
}
