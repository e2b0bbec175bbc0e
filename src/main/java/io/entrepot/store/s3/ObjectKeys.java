package io.entrepot.store.s3;

import io.entrepot.catalog.BucketObject;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The keys of a bucket:
 *
 * <pre>
 * PREFIX/owner                                  the id of the database to which the prefix belongs
 * PREFIX/blobs/sha256/6c/6c3c….GENERATION       a verified blob
 * </pre>
 *
 * @param prefix what all keys begin with; empty, or it ends with a slash
 */
record ObjectKeys(String prefix) {
  private static final Pattern BLOB =
      Pattern.compile("([a-z0-9]+)/[0-9a-f]{2}/([0-9a-f]{64,128})\\.([0-9a-f]{1,32})");

  String owner() {
    return prefix + "owner";
  }

  /** What the keys of all blobs begin with. */
  String blobs() {
    return prefix + "blobs/";
  }

  String of(BucketObject object) {
    Digest digest = object.digest();
    String hex = digest.hex();
    return "%s%s/%s/%s.%s"
        .formatted(
            blobs(), digest.algorithm().label(), hex.substring(0, 2), hex, object.generation());
  }

  /**
   * The object of a key.
   *
   * @param size as the bucket says
   * @return empty for a key that is not ours
   */
  Optional<BucketObject> parse(String key, long size) {
    Matcher parts = BLOB.matcher(key.startsWith(blobs()) ? key.substring(blobs().length()) : "");
    if (!parts.matches()) {
      return Optional.empty();
    }
    return Arrays.stream(Algorithm.values())
        .filter(algorithm -> algorithm.label().equals(parts.group(1)))
        .filter(algorithm -> algorithm.hexLength() == parts.group(2).length())
        .findFirst()
        .map(same -> new BucketObject(new Digest(same, parts.group(2)), parts.group(3), size))
        .filter(object -> of(object).equals(key));
  }
}
