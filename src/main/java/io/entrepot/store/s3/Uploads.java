package io.entrepot.store.s3;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import io.entrepot.spool.BlobSource;
import io.entrepot.store.s3.BucketException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/**
 * Puts objects into a bucket: small ones by one request, large ones in parts. The bucket verifies a
 * checksum of each request. Thread-safe.
 */
final class Uploads {
  private static final Logger log = LoggerFactory.getLogger(Uploads.class);

  /** The most parts that S3 takes. */
  private static final long MAX_PARTS = 10_000;

  private static final String OCTETS = "application/octet-stream";

  private final S3Client client;
  private final BucketPlace place;
  private final BucketFaults faults;
  private final Limits limits;

  /**
   * What one request may be.
   *
   * @param part how many bytes it has at most
   * @param small how long one without many bytes may take
   * @param large how long one with a part may take
   */
  record Limits(
      long part, AwsRequestOverrideConfiguration small, AwsRequestOverrideConfiguration large) {}

  Uploads(S3Client client, BucketPlace place, BucketFaults faults, Limits limits) {
    this.client = client;
    this.place = place;
    this.faults = faults;
    this.limits = limits;
  }

  /**
   * Puts a small object, unless there is one with its key.
   *
   * @throws BucketException of kind {@code PRESENT} if there is
   */
  void put(String key, byte[] bytes) throws BucketException {
    String checksum = Base64.getEncoder().encodeToString(sha256().digest(bytes));
    put(key, RequestBody.fromBytes(bytes), checksum, limits.small());
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
    if (size > limits.part()) {
      putInParts(key, digest, blob, verifier);
      return;
    }
    String checksum = checksum(blob, 0, size, verifier);
    check(digest, verifier);
    put(key, body(blob, 0, size), checksum, limits.large());
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
        faults.ask(
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
        faults.ask(
            "beginning to put " + key,
            () ->
                client.createMultipartUpload(
                    r ->
                        r.bucket(place.bucket())
                            .key(key)
                            .contentType(OCTETS)
                            .checksumAlgorithm(ChecksumAlgorithm.SHA256)
                            .serverSideEncryption(place.encryption().orElse(null))
                            .overrideConfiguration(limits.small())));
    try {
      List<CompletedPart> parts = putParts(key, upload.uploadId(), blob, verifier);
      check(digest, verifier);
      var unused =
          faults.ask(
              "ending to put " + key,
              () ->
                  client.completeMultipartUpload(
                      r ->
                          r.bucket(place.bucket())
                              .key(key)
                              .uploadId(upload.uploadId())
                              .ifNoneMatch("*")
                              .multipartUpload(m -> m.parts(parts))
                              .overrideConfiguration(limits.large())));
    } catch (IOException | RuntimeException e) {
      abort(key, upload.uploadId());
      throw e;
    }
  }

  private List<CompletedPart> putParts(
      String key, String upload, BlobSource blob, DigestVerifier verifier) throws IOException {
    long size = blob.available();
    long step = Math.max(limits.part(), (size + MAX_PARTS - 1) / MAX_PARTS);
    List<CompletedPart> parts = new ArrayList<>();
    for (long at = 0; at < size; at += step) {
      long first = at;
      long length = Math.min(step, size - at);
      int number = parts.size() + 1;
      String checksum = checksum(blob, first, length, verifier);
      String tag =
          faults
              .ask(
                  "putting part " + number + " of " + key,
                  () ->
                      client.uploadPart(
                          r ->
                              r.bucket(place.bucket())
                                  .key(key)
                                  .uploadId(upload)
                                  .partNumber(number)
                                  .checksumSHA256(checksum)
                                  .overrideConfiguration(limits.large()),
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
          faults.ask(
              "leaving off " + key,
              () ->
                  client.abortMultipartUpload(
                      r ->
                          r.bucket(place.bucket())
                              .key(key)
                              .uploadId(upload)
                              .overrideConfiguration(limits.small())));
    } catch (BucketException e) {
      log.debug("The parts of {} are left to the sweep: {}", key, e.getMessage());
    }
  }

  /**
   * Aborts puts in parts that somebody has left off.
   *
   * @param isWanted tells by its key whether a put may still go on
   * @param before younger ones are spared
   * @return how many were aborted
   */
  int sweep(Predicate<String> isWanted, Instant before) throws BucketException {
    ListMultipartUploadsResponse page =
        faults.ask(
            "listing unfinished puts",
            () ->
                client.listMultipartUploads(
                    r ->
                        r.bucket(place.bucket())
                            .prefix(new ObjectKeys(place.prefix()).blobs())
                            .maxUploads(Bucket.PAGE)
                            .overrideConfiguration(limits.small())));
    int swept = 0;
    for (MultipartUpload upload : page.uploads()) {
      if (upload.initiated().isBefore(before) && !isWanted.test(upload.key())) {
        abort(upload.key(), upload.uploadId());
        swept++;
      }
    }
    return swept;
  }
}
