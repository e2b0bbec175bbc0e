package io.entrepot.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.store.s3.BucketException.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The object that says to which database a prefix of a bucket belongs. Two clusters on one prefix
 * would sweep each other's objects.
 */
public final class BucketOwner {
  /** S3 takes no request that is dated a quarter of an hour wrong. */
  private static final Duration MAX_SKEW = Duration.ofMinutes(5);

  private static final int MAX_BYTES = 200;

  private BucketOwner() {}

  /**
   * The id of the database to which the prefix belongs; empty if it belongs to none. This is the
   * first request to a bucket, and shows whether it can be used at all. It writes nothing.
   *
   * @throws BucketException that names the setting that is wrong
   */
  public static Optional<String> find(Bucket bucket) throws BucketException {
    Optional<String> owner;
    try {
      owner = Optional.of(new String(bucket.get(bucket.keys().owner(), MAX_BYTES), UTF_8).strip());
    } catch (BucketException e) {
      if (e.kind() != Kind.ABSENT) {
        throw e;
      }
      owner = Optional.empty();
    }
    Duration skew = bucket.skew();
    if (skew.abs().compareTo(MAX_SKEW) > 0) {
      throw new BucketException(
          Kind.SETTING,
          "storage.s3.endpoint: the clock of this machine differs by "
              + Math.abs(skew.toMinutes())
              + " minutes from that of the bucket");
    }
    return owner;
  }

  /**
   * Looks whether the prefix belongs to another database. It writes nothing.
   *
   * @param id tells that of the database, which has none if it is new. It is asked after the
   *     bucket: another node may be about to give both their id, the database first
   * @throws BucketException as {@link #find}, and if the prefix belongs to another one
   */
  public static void check(Bucket bucket, Supplier<Optional<String>> id) throws BucketException {
    Optional<String> owner = find(bucket);
    if (owner.isPresent() && !owner.equals(id.get())) {
      throw new BucketException(
          Kind.SETTING,
          "storage.s3.prefix: %s belongs to another database, with the id %s; each cluster needs a prefix of its own"
              .formatted(bucket, owner.get()));
    }
  }

  /**
   * Makes the prefix belong to a database, unless it belongs to another one.
   *
   * @throws BucketException if it does, or cannot be written
   */
  public static void claim(Bucket bucket, String id) throws BucketException {
    if (find(bucket).isEmpty()) {
      try {
        bucket.uploads().put(bucket.keys().owner(), id.getBytes(UTF_8));
        return;
      } catch (BucketException e) {
        if (e.kind() != Kind.PRESENT) {
          throw e;
        }
      }
    }
    check(bucket, () -> Optional.of(id));
  }
}
