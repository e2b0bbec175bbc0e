package io.entrepot.cache.blobs;

import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.ClientErrors;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.Source;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.upstream.UpstreamException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the errors that clients of a fill get, and logs what is not theirs to know. */
final class FillErrors {
  private static final Logger log = LoggerFactory.getLogger(Fills.class);

  private final CacheMeters meters;

  FillErrors(CacheMeters meters) {
    this.meters = meters;
  }

  OciException of(Source source, Digest digest, Exception e) {
    if (e instanceof OciException known) {
      return known;
    }
    if (e instanceof UpstreamException failed) {
      return ClientErrors.of(source, failed, OciError.BLOB_UNKNOWN);
    }
    if (e instanceof CorruptBlobException) {
      meters.corrupt(source);
      log.error("The upstream sent other bytes than blob {}: {}", digest, e.getMessage());
      return new OciException(
          OciError.UPSTREAM_FAILED,
          "the upstream sent other bytes than blob " + digest + ": " + e.getMessage());
    }
    if (e instanceof FillJob.StoppedException || Thread.currentThread().isInterrupted()) {
      // A stop is an ordinary event, and the next fill goes on from here.
      log.info("The fill of {} ends: the application stops", digest);
    } else if (!(e instanceof AbandonedException)) {
      log.error("The fill of {} failed", digest, e);
    }
    return ClientErrors.unavailable("the fill of " + digest + " failed; the log says why", e);
  }

  static OciException tooMany(RejectedExecutionException e) {
    return new OciException(
        OciError.UNAVAILABLE, "too many requests wait for the upstream", ClientErrors.SOON, e);
  }
}
