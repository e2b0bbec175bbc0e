package io.entrepot.store.s3;

import io.entrepot.store.s3.BucketException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * A bucket: requests to it, each of which ends within a bounded time. All methods block, and throw
 * a {@link BucketException} that says in one sentence what is wrong. Thread-safe.
 */
public final class Bucket implements AutoCloseable {
  /** A larger object is put in parts, so that what breaks off is not sent again as a whole. */
  static final long PART = 64L << 20;

  /** How many keys one answer lists: some 200 KB. */
  static final int PAGE = 1_000;

  private final BucketPlace place;
  private final AwsRequestOverrideConfiguration small;
  private final BucketFaults faults;
  private final BucketClient.Skew skew;
  private final S3Client client;
  private final Uploads uploads;
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
    this.small = within(patience.small());
    this.faults = new BucketFaults(place);
    this.skew = new BucketClient.Skew(clock);
    try {
      this.client = BucketClient.make(place, patience, skew);
      this.uploads =
          new Uploads(
              client, place, faults, new Uploads.Limits(part, small, within(patience.part())));
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
    return faults.ask(
        "reading " + key,
        () ->
            client.getObject(
                r -> r.bucket(place.bucket()).key(key).range(range).overrideConfiguration(small),
                ResponseTransformer.unmanaged(BucketBody::new)));
  }

  /** What puts objects into it. */
  Uploads uploads() {
    return uploads;
  }

  /** Deletes an object; succeeds also if it is not there. */
  void delete(String key) throws BucketException {
    var unused =
        faults.ask(
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
        faults.ask(
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

  @Override
  public void close() {
    client.close();
    if (presigner != null) {
      presigner.close();
    }
  }
}
