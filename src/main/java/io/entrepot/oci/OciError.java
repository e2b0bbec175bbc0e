package io.entrepot.oci;

/**
 * The kinds of errors that clients receive: the OCI error code and the HTTP status of each
 * (distribution-spec 1.1, "Error Codes"; further codes are from docker/distribution).
 */
public enum OciError {
  /** A digest of an algorithm that this cache cannot verify. */
  ALGORITHM_UNSUPPORTED("UNSUPPORTED", 400),
  BLOB_UNKNOWN("BLOB_UNKNOWN", 404),
  DENIED("DENIED", 403),
  DIGEST_INVALID("DIGEST_INVALID", 400),
  ENDPOINT_UNKNOWN("UNSUPPORTED", 404),
  INTERNAL("UNKNOWN", 500),
  /** The upstream leads back to this cache. The code is one of our own. */
  LOOP("LOOP_DETECTED", 502),
  MANIFEST_INVALID("MANIFEST_INVALID", 502),
  MANIFEST_UNKNOWN("MANIFEST_UNKNOWN", 404),
  NAME_INVALID("NAME_INVALID", 400),
  NAME_UNKNOWN("NAME_UNKNOWN", 404),
  PAGE_INVALID("PAGINATION_NUMBER_INVALID", 400),
  RANGE_UNSATISFIABLE("RANGE_INVALID", 416),
  TAG_INVALID("TAG_INVALID", 400),
  TOO_MANY_REQUESTS("TOOMANYREQUESTS", 429),
  /** The client has to log in, or its credentials are wrong. */
  UNAUTHORIZED("UNAUTHORIZED", 401),
  /** A method that this cache does not support. */
  UNSUPPORTED("UNSUPPORTED", 405),
  /** This cache cannot answer now. The upstream is not the reason. */
  UNAVAILABLE("UNAVAILABLE", 503),
  /** The upstream failed, or its answer was invalid. */
  UPSTREAM_FAILED("UNAVAILABLE", 502),
  /**
   * The upstream is offline by configuration. RFC 9111, 5.2.1.7 gives the same status for {@code
   * only-if-cached}.
   */
  UPSTREAM_OFFLINE("UNAVAILABLE", 504),
  /** The upstream says that it does not take a request. It knows why. */
  UPSTREAM_REFUSES("UNSUPPORTED", 400),
  /** The upstream did not answer in time. */
  UPSTREAM_TIMEOUT("UNAVAILABLE", 504);

  private final String code;
  private final int status;

  OciError(String code, int status) {
    this.code = code;
    this.status = status;
  }

  /** The code of the error JSON, such as {@code BLOB_UNKNOWN}. */
  public String code() {
    return code;
  }

  /** The HTTP status, 400 to 504. */
  public int status() {
    return status;
  }
}
