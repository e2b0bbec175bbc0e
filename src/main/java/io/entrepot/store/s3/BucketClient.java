package io.entrepot.store.s3;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * Makes the SDK's client of a bucket: explicit timeouts, few tries, and no checksums in trailers.
 */
final class BucketClient {
  /** How often a request is sent at most. After that the bucket counts as away. */
  static final int TRIES = 4;

  /** What the SDK signs with where a service of one's own has no regions. */
  private static final String ANY_REGION = "us-east-1";

  private BucketClient() {}

  /**
   * How long to wait.
   *
   * @param connect for a connection
   * @param silence for the next byte
   * @param small for a request of few bytes, with all its tries
   * @param part for a request of one part, with all its tries
   * @param backoff before the second try; it doubles from try to try
   */
  record Patience(
      Duration connect, Duration silence, Duration small, Duration part, Duration backoff) {
    static final Patience OF_A_SERVICE =
        new Patience(
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ofSeconds(15),
            Duration.ofMinutes(10),
            Duration.ofMillis(200));
  }

  static S3Client make(BucketPlace place, Patience patience, Skew skew) {
    BackoffStrategy backoff =
        BackoffStrategy.exponentialDelay(patience.backoff(), Duration.ofSeconds(5));
    StandardRetryStrategy retries =
        AwsRetryStrategy.standardRetryStrategy().toBuilder()
            .maxAttempts(TRIES)
            .backoffStrategy(backoff)
            .throttlingBackoffStrategy(backoff)
            .circuitBreakerEnabled(false)
            .build();
    S3ClientBuilder builder =
        S3Client.builder()
            .credentialsProvider(credentials(place))
            .serviceConfiguration(configuration(place))
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .httpClientBuilder(http(place, patience))
            .overrideConfiguration(
                ClientOverrideConfiguration.builder()
                    .retryStrategy(retries)
                    .addExecutionInterceptor(skew)
                    .build());
    place.service().endpoint().ifPresent(builder::endpointOverride);
    Region region = region(place);
    if (region != null) {
      builder.region(region);
    }
    return builder.build();
  }

  static AwsCredentialsProvider credentials(BucketPlace place) {
    return place
        .keys()
        .<AwsCredentialsProvider>map(
            keys ->
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(keys.accessKey(), keys.secretKey())))
        .orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }

  static @Nullable Region region(BucketPlace place) {
    BucketPlace.Service service = place.service();
    return service
        .region()
        .or(() -> service.endpoint().map(own -> ANY_REGION))
        .map(Region::of)
        .orElse(null);
  }

  static S3Configuration configuration(BucketPlace place) {
    return S3Configuration.builder()
        .pathStyleAccessEnabled(place.service().pathStyle())
        .chunkedEncodingEnabled(false)
        .expectContinueEnabled(false)
        .build();
  }

  private static UrlConnectionHttpClient.Builder http(BucketPlace place, Patience patience) {
    UrlConnectionHttpClient.Builder http =
        UrlConnectionHttpClient.builder()
            .connectionTimeout(patience.connect())
            .socketTimeout(patience.silence())
            .proxyConfiguration(
                ProxyConfiguration.builder().useEnvironmentVariablesValues(false).build());
    List<X509Certificate> own = place.service().authorities();
    return own.isEmpty() ? http : http.tlsTrustManagersProvider(() -> trusting(own));
  }

  /** Trusts the authorities of the Java runtime and these. */
  private static TrustManager[] trusting(List<X509Certificate> authorities) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int n = 0;
      for (TrustManager runtime : trusting((KeyStore) null)) {
        if (runtime instanceof X509TrustManager known) {
          for (X509Certificate authority : known.getAcceptedIssuers()) {
            store.setCertificateEntry("runtime-" + n++, authority);
          }
        }
      }
      for (X509Certificate authority : authorities) {
        store.setCertificateEntry("own-" + n++, authority);
      }
      return trusting(store);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("storage.s3.ca: the certificates cannot be used", e);
    }
  }

  private static TrustManager[] trusting(@Nullable KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  /** How far the clock of the bucket is from ours, by the dates of its answers. Thread-safe. */
  static final class Skew implements ExecutionInterceptor {
    private final Clock clock;
    private volatile Duration last = Duration.ZERO;

    Skew(Clock clock) {
      this.clock = clock;
    }

    /** By how much the last answer was dated later than our clock. */
    Duration last() {
      return last;
    }

    @Override
    public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes unused) {
      context.httpResponse().firstMatchingHeader("Date").ifPresent(this::note);
    }

    private void note(String date) {
      try {
        Instant theirs = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
        last = Duration.between(clock.instant(), theirs);
      } catch (DateTimeParseException e) {
        // An answer without a date that can be read tells nothing about the clock.
      }
    }
  }
}
