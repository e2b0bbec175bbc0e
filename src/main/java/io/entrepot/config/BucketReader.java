package io.entrepot.config;

import io.entrepot.store.s3.BucketPlace;
import java.net.URI;
import java.util.Optional;

/** Reads where the bucket is. */
final class BucketReader {
  private final Values values;
  private final Findings findings;

  BucketReader(Values values, Findings findings) {
    this.values = values;
    this.findings = findings;
  }

  /** Empty if no bucket is named: then all blobs are in the storage folder. */
  Optional<BucketPlace> read() {
    for (Setting<?> setting : BucketTable.ALL) {
      values.requireBeside(setting, BucketTable.BUCKET);
    }
    Optional<URI> endpoint = values.given(BucketTable.ENDPOINT);
    if (endpoint.isPresent() && !UrlSyntax.isSafe(endpoint.get())) {
      findings.warning(
          "storage.s3.endpoint: all blobs go to the bucket without TLS; use https where the network"
              + " is not yours alone");
    }
    BucketPlace.Service service =
        new BucketPlace.Service(
            endpoint,
            values.given(BucketTable.REGION_NAME),
            values.value(BucketTable.PATHSTYLE),
            new TlsReader(values, findings).certificates(BucketTable.CA));
    Optional<BucketPlace.Keys> keys = keys();
    Optional<URI> redirect = redirect();
    return values
        .given(BucketTable.BUCKET)
        .map(
            bucket ->
                new BucketPlace(
                    bucket,
                    values.given(BucketTable.PREFIX_OF_KEYS).orElse(""),
                    service,
                    keys,
                    values.given(BucketTable.SSE),
                    redirect,
                    values.value(BucketTable.QUOTA)));
  }

  /** Where clients are sent; empty if they are not. */
  private Optional<URI> redirect() {
    values.requireBeside(BucketTable.PUBLICENDPOINT, BucketTable.REDIRECT);
    if (!values.value(BucketTable.REDIRECT)) {
      return Optional.empty();
    }
    values.requireBeside(BucketTable.REDIRECT, BucketTable.PUBLICENDPOINT);
    return values.given(BucketTable.PUBLICENDPOINT);
  }

  private Optional<BucketPlace.Keys> keys() {
    values.requireBeside(BucketTable.SECRETKEY, BucketTable.ACCESSKEY);
    values.requireBeside(BucketTable.SECRETKEYFILE, BucketTable.ACCESSKEY);
    boolean hasFile = values.isGiven(BucketTable.SECRETKEYFILE);
    if (hasFile && values.isGiven(BucketTable.SECRETKEY)) {
      values.bad(BucketTable.SECRETKEYFILE, "give only one of it and storage.s3.secretkey");
    }
    if (!hasFile) {
      values.requireBeside(BucketTable.ACCESSKEY, BucketTable.SECRETKEY);
    }
    Secret secret =
        hasFile
            ? values.secretIn(BucketTable.SECRETKEYFILE)
            : values.given(BucketTable.SECRETKEY).orElse(Secret.of(""));
    return values
        .given(BucketTable.ACCESSKEY)
        .map(key -> new BucketPlace.Keys(key, secret.reveal()));
  }
}
