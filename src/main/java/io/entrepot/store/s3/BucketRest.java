package io.entrepot.store.s3;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Until when what has failed is left alone, and why. So nobody waits again and again for a bucket
 * that is away, or for what is needed to put into it. Thread-safe.
 */
final class BucketRest {
  private static final Logger log = LoggerFactory.getLogger(BucketRest.class);

  static final Duration SHORTEST = Duration.ofSeconds(1);

  /** A bucket that is back is noticed within this time. */
  static final Duration LONGEST = Duration.ofSeconds(15);

  private final String what;
  private final LongSupplier nanoTime;
  private @Nullable String trouble;
  private @Nullable String lastFailure;
  private Duration rest = SHORTEST;
  private long until;

  /**
   * Begins without a failure.
   *
   * @param what fails, as the beginning of a sentence
   */
  BucketRest(String what, LongSupplier nanoTime) {
    this.what = what;
    this.nanoTime = nanoTime;
  }

  synchronized boolean isResting() {
    return trouble != null && until - nanoTime.getAsLong() > 0;
  }

  /** Why it failed the last time it was asked; empty if it did not. */
  synchronized Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Why it has failed last, also if it works again; empty if it never has. */
  synchronized Optional<String> lastFailure() {
    return Optional.ofNullable(lastFailure);
  }

  synchronized void failed(String why) {
    if (trouble == null) {
      log.warn("{} fails; blobs stay in the near folder until it is back: {}", what, why);
      rest = SHORTEST;
    }
    trouble = why;
    lastFailure = why;
    until = nanoTime.getAsLong() + rest.toNanos();
    Duration doubled = rest.multipliedBy(2);
    rest = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
  }

  synchronized void worked() {
    if (trouble != null) {
      log.info("{} works again", what);
    }
    trouble = null;
  }
}
