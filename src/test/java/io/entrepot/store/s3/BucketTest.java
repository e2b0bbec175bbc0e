package io.entrepot.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.fixture.FakeS3;
import io.entrepot.fixture.FakeS3.Fault;
import io.entrepot.fixture.FakeS3.Fault.Answer;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.spool.BlobSource;
import io.entrepot.store.HeldBody;
import io.entrepot.store.s3.BucketException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class BucketTest {
  private static final byte[] SMALL = "goods".getBytes(UTF_8);
  private static final byte[] LARGE = "0123456789".repeat(25).getBytes(UTF_8);

  private static FakeS3 service;
  private static Bucket bucket;

  @BeforeAll
  static void open() throws IOException {
    service = new FakeS3();
    bucket = BucketFixture.open(service);
  }

  @BeforeEach
  void clear() {
    service.clear();
  }

  @AfterAll
  static void close() {
    bucket.close();
    service.close();
  }

  private void put(String key, byte[] bytes) throws IOException {
    BlobSource blob = new HeldBody(bytes).open();
    bucket.uploads().put(key, Digest.ofBytes(Algorithm.SHA256, bytes), blob);
  }

  private BucketException refused(String key, byte[] bytes) {
    return catchThrowableOfType(BucketException.class, () -> put(key, bytes));
  }

  @Test
  void objectIsPutByOneRequestAndNeverReplaced() throws IOException {
    put("k", SMALL);
    assertThat(service.requests).containsExactly("PUT k");
    assertThat(refused("k", SMALL).kind()).isEqualTo(Kind.PRESENT);
    assertThat(bucket.get("k", 100)).isEqualTo(SMALL);
  }

  @Test
  void largeObjectIsPutInPartsAndNeverReplaced() throws IOException {
    put("k", LARGE);
    assertThat(service.requests)
        .containsExactly("POST k", "PUT k", "PUT k", "PUT k", "POST k"); // begin, three parts, end
    assertThat(service.objects.get("k")).isEqualTo(LARGE);
    assertThat(refused("k", LARGE).kind()).isEqualTo(Kind.PRESENT);
    assertThat(service.uploads).isEmpty();
  }

  @Test
  void bytesThatDoNotHashToTheDigestAreNotPut() {
    Digest other = Digest.ofBytes(Algorithm.SHA256, "others".getBytes(UTF_8));
    for (byte[] bytes : new byte[][] {SMALL, LARGE}) {
      BucketException refused =
          catchThrowableOfType(
              BucketException.class,
              () -> bucket.uploads().put("k", other, new HeldBody(bytes).open()));
      assertThat(refused.kind()).isEqualTo(Kind.CORRUPT);
    }
    assertThat(service.objects).isEmpty();
    assertThat(service.uploads).isEmpty(); // what was begun in parts is left off
  }

  @Test
  void slowDownIsTriedAgainAFewTimes() throws IOException {
    service.fail(Answer.SLOW_DOWN, Answer.SLOW_DOWN, Answer.SLOW_DOWN);
    put("k", SMALL);
    assertThat(service.requests).hasSize(BucketClient.TRIES);
    service.requests.clear();
    service.fail(Answer.SLOW_DOWN, Answer.SLOW_DOWN, Answer.SLOW_DOWN, Answer.SLOW_DOWN);
    BucketException away = refused("other", SMALL);
    assertThat(away.kind()).isEqualTo(Kind.AWAY);
    assertThat(away).hasMessageContaining("SlowDown");
    assertThat(service.requests).hasSize(BucketClient.TRIES);
  }

  @Test
  void partThatFailsIsSentAgainAloneAndTheOthersAreNot() throws IOException {
    service.fail(new Fault.None(), new Fault.None(), Answer.SLOW_DOWN);
    put("k", LARGE);
    assertThat(service.count("PUT")).isEqualTo(4);
    assertThat(service.objects.get("k")).isEqualTo(LARGE);
  }

  @Test
  void silentServiceIsAskedAgain() throws IOException {
    service.fail(new Fault.Silence());
    put("k", SMALL);
    assertThat(service.count("PUT k")).isEqualTo(2);
  }

  @Test
  void bodyThatIsCutOffIsAnErrorAndNotAnEnd() throws IOException {
    put("k", SMALL);
    service.fail(new Fault.Cut(3));
    try (InputStream body = bucket.get("k", 0, Long.MAX_VALUE)) {
      assertThat(catchThrowableOfType(IOException.class, body::readAllBytes)).isNotNull();
    }
  }

  @Test
  void rangeIsAskedForAsARange() throws IOException {
    put("k", SMALL);
    try (InputStream body = bucket.get("k", 1, 3)) {
      assertThat(body.readAllBytes()).isEqualTo("ood".getBytes(UTF_8));
    }
    try (InputStream body = bucket.get("k", 4, Long.MAX_VALUE)) {
      assertThat(body.readAllBytes()).isEqualTo("s".getBytes(UTF_8));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, NoSuchBucket, storage.s3.bucket: there is no bucket goods",
    "301, PermanentRedirect, storage.s3.region: the bucket goods is in another region",
    "400, AuthorizationHeaderMalformed, storage.s3.region: the bucket goods is in another region",
    "403, InvalidAccessKeyId, storage.s3.accesskey: the bucket does not know this key",
    "404, XAdminUserNotFound, storage.s3.accesskey: the bucket does not know this key",
    "403, SignatureDoesNotMatch, storage.s3.secretkey: it is not the secret of"
        + " storage.s3.accesskey",
    "400, ExpiredToken, storage.s3.accesskey: these credentials have expired",
    "403, AccessDenied, storage.s3.accesskey: it may not be used for reading near/owner",
    "403, RequestTimeTooSkewed, storage.s3.endpoint: the clock of this machine differs",
  })
  void wrongSettingIsNamedInOneSentenceAndNothingIsWritten(
      int status, String code, String message) {
    Answer answer = new Answer(status, code);
    service.fail(answer, answer, answer, answer); // the SDK tries again where the clock is wrong
    BucketException refused =
        catchThrowableOfType(BucketException.class, () -> BucketOwner.claim(bucket, "id"));
    assertThat(refused.kind()).isEqualTo(Kind.SETTING);
    assertThat(refused).hasMessageStartingWith(message);
    assertThat(service.objects).isEmpty();
  }

  @Test
  void clockThatIsAnHourOffIsNamedAndNothingIsWritten() throws IOException {
    for (int hours : new int[] {1, -1}) {
      Clock wrong = Clock.offset(Clock.systemUTC(), Duration.ofHours(hours));
      try (Bucket late =
          BucketFixture.open(BucketFixture.place(service.uri(), FakeS3.BUCKET), wrong)) {
        BucketException refused =
            catchThrowableOfType(BucketException.class, () -> BucketOwner.claim(late, "id"));
        assertThat(refused)
            .hasMessageMatching(
                "storage.s3.endpoint: the clock of this machine differs by (60|59) minutes.*");
      }
    }
    assertThat(service.objects).isEmpty();
  }

  @Test
  void serviceThatIsNotThereIsAway() throws IOException {
    FakeS3 closed = new FakeS3();
    URI gone = closed.uri();
    closed.close();
    try (Bucket nobody = BucketFixture.open(BucketFixture.place(gone, FakeS3.BUCKET))) {
      BucketException away =
          catchThrowableOfType(BucketException.class, () -> BucketOwner.claim(nobody, "id"));
      assertThat(away.kind()).isEqualTo(Kind.AWAY);
    }
  }

  @Test
  void ownAuthorityIsTrustedAndNoOther(@TempDir Path folder) throws Exception {
    FakeCertificate own = FakeCertificate.create(folder, "own", "ip:127.0.0.1");
    try (FakeS3 secure = new FakeS3(own.server())) {
      BucketPlace strange = BucketFixture.place(secure.uri(), FakeS3.BUCKET);
      try (Bucket distrusting = BucketFixture.open(strange)) {
        BucketException refused =
            catchThrowableOfType(BucketException.class, () -> BucketOwner.claim(distrusting, "id"));
        assertThat(refused.kind()).isEqualTo(Kind.SETTING);
        assertThat(refused).hasMessageStartingWith("storage.s3.ca: ");
      }
      BucketPlace known = BucketFixture.place(secure.uri(), FakeS3.BUCKET, own.certificate());
      try (Bucket trusting = BucketFixture.open(known)) {
        BucketOwner.claim(trusting, "id");
        assertThat(secure.objects).containsKey("near/owner");
      }
    }
  }

  @Test
  void unfinishedPutsAreEndedWhenTheyAreOldAndNobodyWantsThem() throws IOException {
    service.uploads.put("u1", new FakeS3.Upload("near/blobs/a", new TreeMap<>()));
    service.uploads.put("u2", new FakeS3.Upload("near/blobs/wanted", new TreeMap<>()));
    Instant now = service.modified;
    assertThat(bucket.uploads().sweep("near/blobs/wanted"::equals, now.minusSeconds(1))).isZero();
    assertThat(bucket.uploads().sweep("near/blobs/wanted"::equals, now.plusSeconds(1)))
        .isEqualTo(1);
    assertThat(service.uploads).containsOnlyKeys("u2");
  }
}
