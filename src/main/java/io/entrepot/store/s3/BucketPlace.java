package io.entrepot.store.s3;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Where a bucket is, and how to use it.
 *
 * @param bucket its name
 * @param prefix what all keys begin with; empty, or it ends with a slash
 * @param service who keeps the bucket
 * @param keys who asks; empty for what the SDK finds by itself
 * @param encryption what the bucket encrypts objects by, such as {@code AES256}
 * @param redirect where clients get blobs from the bucket themselves; empty if they do not
 * @param quota how many bytes it may hold; 0 for no limit
 */
public record BucketPlace(
    String bucket,
    String prefix,
    Service service,
    Optional<Keys> keys,
    Optional<String> encryption,
    Optional<URI> redirect,
    long quota) {

  /**
   * An S3 service.
   *
   * @param endpoint its URL; empty for that of AWS in the region
   * @param region empty for what the SDK finds by itself
   * @param pathStyle whether the bucket's name stands in the path, and not in the host
   * @param authorities trusted for TLS, besides those of the Java runtime
   */
  public record Service(
      Optional<URI> endpoint,
      Optional<String> region,
      boolean pathStyle,
      List<X509Certificate> authorities) {}

  /** An access key with its secret. The text form does not have the secret. */
  public record Keys(String accessKey, String secretKey) {
    @Override
    public String toString() {
      return accessKey + ":***";
    }
  }

  /** The bucket and its prefix, for people. */
  @Override
  public String toString() {
    return service.endpoint().map(uri -> uri + "/").orElse("s3://") + bucket + "/" + prefix;
  }
}
