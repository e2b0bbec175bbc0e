package io.entrepot.store.s3;

import io.entrepot.fixture.FakeS3;
import io.entrepot.store.s3.BucketPlace.Keys;
import io.entrepot.store.s3.BucketPlace.Service;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Makes buckets for tests, with little patience. */
final class BucketFixture {
  static final String PREFIX = "near/";

  /** Larger than this is put in parts. */
  static final int PART = 100;

  private static final BucketClient.Patience PATIENCE =
      new BucketClient.Patience(
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofMillis(1));

  private BucketFixture() {}

  /** A bucket of a real service: its parts have 5 MiB, the least that S3 takes. */
  static Bucket real(BucketPlace place) throws BucketException {
    return new Bucket(place, 5 << 20, BucketClient.Patience.OF_A_SERVICE, Clock.systemUTC());
  }

  static BucketPlace place(URI endpoint, String bucket, X509Certificate... authorities) {
    return new BucketPlace(
        bucket,
        PREFIX,
        new Service(Optional.of(endpoint), Optional.empty(), true, List.of(authorities)),
        Optional.of(new Keys("key", "secret")),
        Optional.empty(),
        Optional.empty(),
        0);
  }

  static Bucket open(BucketPlace place) throws BucketException {
    return open(place, Clock.systemUTC());
  }

  static Bucket open(BucketPlace place, Clock clock) throws BucketException {
    return new Bucket(place, PART, PATIENCE, clock);
  }

  static Bucket open(FakeS3 service) throws BucketException {
    return open(place(service.uri(), FakeS3.BUCKET));
  }
}
