package io.entrepot.store.s3;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import io.entrepot.spool.BlobSource;
import io.entrepot.store.s3.BucketException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * A bucket: requests to it, each of which ends within a bounded time. All methods block, and throw
 * a {@link BucketException} that says in one sentence what is wrong. Thread-safe.
 */
public final class Bucket implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Bucket.class);

  /** A larger object is put in parts, so that what breaks off is not sent again as a whole. */
  static final long PART = 64L << 20;

  /** The most parts that S3 takes. */
  private static final long MAX_PARTS = 10_000;

  /** How many keys one answer lists: some 200 KB. */
  private static final int PAGE = 1_000;

  private static final String OCTETS = "application/octet-stream";

  private final BucketPlace place;
  private final long part;
  private final AwsRequestOverrideConfiguration small;
  private final AwsRequestOverrideConfiguration large;
  private final BucketFaults faults;
  private final BucketClient.Skew skew;
  private final S3Client client;
  private final @Nullable S3Presigner presigner;

  /**
   * Sends no request.
   *
   * @throws BucketException when a setting is missing
   */
  public static Bucket open(BucketPlace place, Clock clock) throws BucketException {
    return new Bucket(place, PART, BucketClient.Patience.OF_A_SERVICE, clock);
  }

  /** As {@link #open}, with smaller parts and less patience for tests. */
  Bucket(BucketPlace place, long part, BucketClient.Patience patience, Clock clock)
      throws BucketException {
    this.place = place;
    this.part = part;
    this.small = within(patience.small());
    this.large = within(patience.part());
    this.faults = new BucketFaults(place);
    this.skew = new BucketClient.Skew(clock);
    try {
      this.client = BucketClient.make(place, patience, skew);
      this.presigner = place.redirect().map(this::presigner).orElse(null);
    } catch (SdkException e) {
      throw faults.of("opening the bucket", e);
    }
  }

  private static AwsRequestOverrideConfiguration within(Duration time) {
    return AwsRequestOverrideConfiguration.builder()
        .apiCallTimeout(time)
        .apiCallAttemptTimeout(time)
        .build();
  }

  private S3Presigner presigner(URI publicEndpoint) {
    S3Presigner.Builder builder =
        S3Presigner.builder()
            .endpointOverride(publicEndpoint)
            .credentialsProvider(BucketClient.credentials(place))
            .serviceConfiguration(BucketClient.configuration(place));
    if (BucketClient.region(place) != null) {
      builder.region(BucketClient.region(place));
    }
    return builder.build();
  }

  /** Its name and prefix, for people. */
  @Override
  public String toString() {
    return place.toString();
  }

  ObjectKeys keys() {
    return new ObjectKeys(place.prefix());
  }

  /** By how much the bucket's clock was ahead of ours at the last answer. */
  Duration skew() {
    return skew.last();
  }

  /**
   * Reads a small object.
   *
   * @throws BucketException also if it is larger than {@code max}
   */
  byte[] get(String key, int max) throws BucketException {
    try (InputStream in = get(key, 0, Long.MAX_VALUE)) {
      byte[] bytes = in.readNBytes(max + 1);
      if (bytes.length > max) {
        throw new BucketException(Kind.CORRUPT, key + " has more than " + max + " bytes");
      }
      return bytes;
    } catch (BucketException e) {
      throw e;
    } catch (IOException e) {
      throw new BucketException(Kind.AWAY, "reading " + key + " broke off: " + e.getMessage(), e);
    }
  }

  /**
   * Begins to read an object. Its bytes are not verified. A read ends when no byte comes for ten
   * seconds.
   *
   * @param last {@link Long#MAX_VALUE} for "to the end"
   */
  InputStream get(String key, long first, long last) throws BucketException {
    String range =
        first == 0 && last == Long.MAX_VALUE
            ? null
            : "bytes=" + first + "-" + (last == Long.MAX_VALUE ? "" : last);
    return ask(
        "reading " + key,
        () ->
            client.getObject(
                r -> r.bucket(place.bucket()).key(key).range(range).overrideConfiguration(small),
                ResponseTransformer.unmanaged(BucketBody::new)));
  }

  /**
   * Puts a small object, unless there is one with its key.
   *
   * @throws BucketException of kind {@code PRESENT} if there is
   */
  void put(String key, byte[] bytes) throws BucketException {
    String checksum = Base64.getEncoder().encodeToString(sha256().digest(bytes));
    put(key, RequestBody.fromBytes(bytes), checksum, small);
  }

  /**
   * Puts a blob, unless there is an object with its key. The bucket verifies a checksum of each
   * part.
   *
   * @throws BucketException of kind {@code PRESENT} if there is; of kind {@code CORRUPT} if the
   *     bytes here do not hash to the digest
   * @throws IOException when the blob cannot be read
   */
  void put(String key, Digest digest, BlobSource blob) throws IOException {
    long size = blob.available();
    DigestVerifier verifier = digest.verifier();
    if (size > part) {
      putInParts(key, digest, blob, verifier);
      return;
    }
    String checksum = checksum(blob, 0, size, verifier);
    check(digest, verifier);
    put(key, body(blob, 0, size), checksum, large);
  }

  private static void check(Digest digest, DigestVerifier verifier) throws BucketException {
    if (!verifier.finish().equals(digest)) {
      throw new BucketException(Kind.CORRUPT, "the bytes here are not those of " + digest);
    }
  }

  private void put(
      String key, RequestBody body, String checksum, AwsRequestOverrideConfiguration patience)
      throws BucketException {
    var unused =
        ask(
            "putting " + key,
            () ->
                client.putObject(
                    r ->
                        r.bucket(place.bucket())
                            .key(key)
                            .ifNoneMatch("*")
                            .contentType(OCTETS)
                            .checksumSHA256(checksum)
                            .serverSideEncryption(place.encryption().orElse(null))
                            .overrideConfiguration(patience),
                    body));
  }

  private void putInParts(String key, Digest digest, BlobSource blob, DigestVerifier verifier)
      throws IOException {
    CreateMultipartUploadResponse upload =
        ask(
            "beginning to put " + key,
            () ->
                client.createMultipartUpload(
                    r ->
                        r.bucket(place.bucket())
                            .key(key)
                            .contentType(OCTETS)
                            .checksumAlgorithm(ChecksumAlgorithm.SHA256)
                            .serverSideEncryption(place.encryption().orElse(null))
                            .overrideConfiguration(small)));
    try {
      List<CompletedPart> parts = putParts(key, upload.uploadId(), blob, verifier);
      check(digest, verifier);
      var unused =
          ask(
              "ending to put " + key,
              () ->
                  client.completeMultipartUpload(
                      r ->
                          r.bucket(place.bucket())
                              .key(key)
                              .uploadId(upload.uploadId())
                              .ifNoneMatch("*")
                              .multipartUpload(m -> m.parts(parts))
                              .overrideConfiguration(large)));
    } catch (IOException | RuntimeException e) {
      abort(key, upload.uploadId());
      throw e;
    }
  }

  private List<CompletedPart> putParts(
      String key, String upload, BlobSource blob, DigestVerifier verifier) throws IOException {
    long size = blob.available();
    long step = Math.max(part, (size + MAX_PARTS - 1) / MAX_PARTS);
    List<CompletedPart> parts = new ArrayList<>();
    for (long at = 0; at < size; at += step) {
      long first = at;
      long length = Math.min(step, size - at);
      int number = parts.size() + 1;
      String checksum = checksum(blob, first, length, verifier);
      String tag =
          ask(
                  "putting part " + number + " of " + key,
                  () ->
                      client.uploadPart(
                          r ->
                              r.bucket(place.bucket())
                                  .key(key)
                                  .uploadId(upload)
                                  .partNumber(number)
                                  .checksumSHA256(checksum)
                                  .overrideConfiguration(large),
                          body(blob, first, length)))
              .eTag();
      parts.add(
          CompletedPart.builder().partNumber(number).eTag(tag).checksumSHA256(checksum).build());
    }
    return parts;
  }

  private static RequestBody body(BlobSource blob, long first, long length) {
    return RequestBody.fromContentProvider(
        () -> new SourceStream(blob, first, length), length, OCTETS);
  }

  private static String checksum(BlobSource blob, long first, long length, DigestVerifier verifier)
      throws IOException {
    MessageDigest sha256 = sha256();
    byte[] chunk = new byte[64 << 10];
    InputStream in = new SourceStream(blob, first, length);
    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
      sha256.update(chunk, 0, n);
      verifier.update(ByteBuffer.wrap(chunk, 0, n));
    }
    return Base64.getEncoder().encodeToString(sha256.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void abort(String key, String upload) {
    try {
      var unused =
          ask(
              "leaving off " + key,
              () ->
                  client.abortMultipartUpload(
                      r ->
                          r.bucket(place.bucket())
                              .key(key)
                              .uploadId(upload)
                              .overrideConfiguration(small)));
    } catch (BucketException e) {
      log.debug("The parts of {} are left to the sweep: {}", key, e.getMessage());
    }
  }

  /** Deletes an object; succeeds also if it is not there. */
  void delete(String key) throws BucketException {
    var unused =
        ask(
            "deleting " + key,
            () ->
                client.deleteObject(
                    r -> r.bucket(place.bucket()).key(key).overrideConfiguration(small)));
  }

  /** An object as the bucket lists it. */
  record Listed(String key, long size, Instant modified) {}

  /**
   * Lists the objects behind a key, in the order of their keys.
   *
   * @param after null to begin
   * @return up to a thousand; empty at the end
   */
  List<Listed> list(@Nullable String after) throws BucketException {
    ListObjectsV2Response page =
        ask(
            "listing the bucket",
            () ->
                client.listObjectsV2(
                    r ->
                        r.bucket(place.bucket())
                            .prefix(keys().blobs())
                            .startAfter(after)
                            .maxKeys(PAGE)
                            .overrideConfiguration(small)));
    return page.contents().stream()
        .map(object -> new Listed(object.key(), object.size(), object.lastModified()))
        .toList();
  }

  /**
   * Aborts puts in parts that somebody has left off.
   *
   * @param isWanted tells by its key whether a put may still go on
   * @param before younger ones are spared
   * @return how many were aborted
   */
  int sweepUploads(Predicate<String> isWanted, Instant before) throws BucketException {
    ListMultipartUploadsResponse page =
        ask(
            "listing unfinished puts",
            () ->
                client.listMultipartUploads(
                    r ->
                        r.bucket(place.bucket())
                            .prefix(keys().blobs())
                            .maxUploads(PAGE)
                            .overrideConfiguration(small)));
    int swept = 0;
    for (MultipartUpload upload : page.uploads()) {
      if (upload.initiated().isBefore(before) && !isWanted.test(upload.key())) {
        abort(upload.key(), upload.uploadId());
        swept++;
      }
    }
    return swept;
  }

  /** Whether clients may be sent to it. */
  boolean isPublic() {
    return presigner != null;
  }

  /** A URL by which whoever has it may read an object, for a while. Only if {@link #isPublic}. */
  URI presign(String key, Duration time) {
    if (presigner == null) {
      throw new IllegalStateException("clients are not sent to the bucket");
    }
    String url =
        presigner
            .presignGetObject(
                p ->
                    p.signatureDuration(time)
                        .getObjectRequest(r -> r.bucket(place.bucket()).key(key)))
            .url()
            .toString();
    return URI.create(url);
  }

  private <T> T ask(String attempt, Supplier<T> request) throws BucketException {
    try {
      return request.get();
    } catch (SdkException e) {
      throw faults.of(attempt, e);
    }
  }

  @Override
  public void close() {
    client.close();
    if (presigner != null) {
      presigner.close();
    }
  }
}
