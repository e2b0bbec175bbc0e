package io.entrepot.store.s3;

import io.entrepot.store.s3.BucketException.Kind;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Says by one sentence what an exception of the SDK means, and which setting is wrong. */
final class BucketFaults {
  private static final int MAX_CAUSES = 20;

  private final BucketPlace place;

  BucketFaults(BucketPlace place) {
    this.place = place;
  }

  /**
   * Sends a request.
   *
   * @param attempt what it does, for the sentence
   * @throws BucketException that says what was wrong
   */
  <T> T ask(String attempt, Supplier<T> request) throws BucketException {
    try {
      return request.get();
    } catch (SdkException e) {
      throw of(attempt, e);
    }
  }

  /**
   * Translates.
   *
   * @param attempt what was attempted, as in "reading owner"
   */
  BucketException of(String attempt, SdkException e) {
    if (e instanceof S3Exception answer) {
      return answered(attempt, answer);
    }
    String message = String.valueOf(e.getMessage());
    if (causes(e).anyMatch(SSLException.class::isInstance)) {
      return setting("ca", "the certificate of " + place + " is not trusted", e);
    }
    if (message.contains("Unable to load credentials")) {
      return setting("accesskey", "it is missing, and the environment has no credentials", e);
    }
    if (message.contains("Unable to load region")) {
      return setting("region", "it is missing, and the environment has no region", e);
    }
    return new BucketException(Kind.AWAY, attempt + " failed: " + reason(e), e);
  }

  private BucketException answered(String attempt, S3Exception e) {
    String code =
        e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
            ? ""
            : e.awsErrorDetails().errorCode();
    return switch (code) {
      case "NoSuchKey" -> new BucketException(Kind.ABSENT, attempt + " failed: it is not there", e);
      case "NoSuchBucket" -> setting("bucket", "there is no bucket " + place.bucket(), e);
      case "InvalidBucketName" -> setting("bucket", place.bucket() + " is no name of a bucket", e);
      case "PermanentRedirect",
          "TemporaryRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException" ->
          setting("region", "the bucket " + place.bucket() + " is in another region", e);
      case "InvalidAccessKeyId", "XAdminUserNotFound" -> // the latter by versitygw, as 404
          setting("accesskey", "the bucket does not know this key", e);
      case "ExpiredToken", "InvalidToken", "TokenRefreshRequired" ->
          setting("accesskey", "these credentials have expired", e);
      case "SignatureDoesNotMatch" ->
          setting("secretkey", "it is not the secret of storage.s3.accesskey", e);
      case "AccessDenied", "AllAccessDisabled", "AccountProblem" ->
          setting("accesskey", "it may not be used for " + attempt, e);
      case "RequestTimeTooSkewed" -> clock(e);
      case "PreconditionFailed" ->
          new BucketException(Kind.PRESENT, attempt + " failed: it is there already", e);
      case "BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch" ->
          new BucketException(Kind.CORRUPT, attempt + " failed: other bytes have come", e);
      default -> ofStatus(attempt, e, code);
    };
  }

  private BucketException ofStatus(String attempt, S3Exception e, String code) {
    return switch (e.statusCode()) {
      case 301, 307 -> setting("region", "the bucket " + place.bucket() + " is elsewhere", e);
      case 401, 403 -> setting("accesskey", "it may not be used for " + attempt, e);
      case 404 -> new BucketException(Kind.ABSENT, attempt + " failed: it is not there", e);
      case 412 -> new BucketException(Kind.PRESENT, attempt + " failed: it is there already", e);
      default ->
          new BucketException(
              Kind.AWAY, attempt + " failed: status " + e.statusCode() + " " + code, e);
    };
  }

  private BucketException clock(SdkException e) {
    return setting("endpoint", "the clock of this machine differs from that of the bucket", e);
  }

  private static BucketException setting(String name, String why, Throwable cause) {
    return new BucketException(Kind.SETTING, "storage.s3." + name + ": " + why, cause);
  }

  /** The message of the SDK alone often says no more than that it failed. */
  private static String reason(Throwable e) {
    Throwable last = causes(e).reduce(e, (first, second) -> second);
    return last.getClass().getSimpleName() + ": " + last.getMessage();
  }

  private static Stream<Throwable> causes(Throwable e) {
    return Stream.iterate(e, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES);
  }
}
