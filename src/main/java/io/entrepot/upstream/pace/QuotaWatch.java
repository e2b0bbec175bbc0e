package io.entrepot.upstream.pace;

import io.entrepot.upstream.Quota;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The latest {@link Quota} of an upstream. Thread-safe. */
public final class QuotaWatch {
  private final int scarcePercent;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private volatile @Nullable Seen latest;
  private volatile @Nullable String source;
  private volatile Consumer<String> onSource = name -> {};

  private record Seen(Quota quota, long nanoTime) {}

  /**
   * @param scarcePercent of the limit; fewer requests than that are scarce, 0 for never
   * @param clock dates the quotas
   * @param nanoTime measures their age
   */
  public QuotaWatch(int scarcePercent, Clock clock, LongSupplier nanoTime) {
    this.scarcePercent = scarcePercent;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /**
   * Reads the quota from the headers of an answer, where there is one.
   *
   * @param headers of an answer from the upstream's own origin: gives a value by its name, or null
   */
  public void see(UnaryOperator<@Nullable String> headers) {
    Quota.parse(headers, clock.instant()).ifPresent(this::see);
  }

  private void see(Quota quota) {
    latest = new Seen(quota, nanoTime.getAsLong());
    String told = quota.source();
    if (told != null && !told.equals(source)) {
      source = told;
      onSource.accept(told);
    }
  }

  /**
   * Sets a listener.
   *
   * @param listener gets {@link Quota#source} each time that it changes; must be fast
   */
  public void onSource(Consumer<String> listener) {
    onSource = listener;
  }

  public Optional<Quota> quota() {
    return Optional.ofNullable(latest).map(Seen::quota);
  }

  public boolean isScarce() {
    Seen seen = latest;
    return seen != null
        && seen.quota()
            .isScarce(scarcePercent, Duration.ofNanos(nanoTime.getAsLong() - seen.nanoTime()));
  }
}
