package io.entrepot.store.s3;

import io.entrepot.catalog.BucketObject;
import io.entrepot.catalog.BucketObjects;
import io.entrepot.oci.Digest;
import io.entrepot.store.FarBlob;
import io.entrepot.store.s3.BucketException.Kind;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A blob in the bucket. */
record FarObject(BucketObject object, Bucket bucket, BucketObjects objects, BucketRest rest)
    implements FarBlob {
  private static final Logger log = LoggerFactory.getLogger(FarObject.class);

  /** How long a client has to begin. */
  private static final Duration URL_LIFETIME = Duration.ofSeconds(60);

  @Override
  public Digest digest() {
    return object.digest();
  }

  @Override
  public long size() {
    return object.size();
  }

  @Override
  public InputStream open(long first, long last) throws BucketException {
    try {
      return bucket.get(key(), first, last);
    } catch (BucketException e) {
      if (e.kind() == Kind.ABSENT) {
        log.warn("{} is not in the bucket any more", digest());
        objects.forget(object);
      } else {
        rest.failed(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  @Override
  public void wasWrong() {
    log.error("{} in the bucket is damaged; it is deleted, and fetched again", digest());
    objects.forget(object);
    delete();
  }

  /** Deletes the object, whose row is gone. What cannot be deleted now is left to the sweep. */
  void delete() {
    if (rest.isResting()) {
      return;
    }
    try {
      bucket.delete(key());
    } catch (BucketException e) {
      log.debug("{} is left to the sweep: {}", key(), e.getMessage());
      rest.failed(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Optional<URI> url() {
    return bucket.isPublic() ? Optional.of(bucket.presign(key(), URL_LIFETIME)) : Optional.empty();
  }

  private String key() {
    return bucket.keys().of(object);
  }
}
