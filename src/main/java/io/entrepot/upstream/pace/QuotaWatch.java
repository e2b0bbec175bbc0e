package io.entrepot.upstream.pace;

import io.entrepot.upstream.Quota;
import io.entrepot.upstream.wire.Answer;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The latest {@link Quota} that an upstream has told. Thread-safe. */
public final class QuotaWatch {
  private final int scarcePercent;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private volatile @Nullable Seen latest;
  private volatile @Nullable String source;
  private volatile Consumer<String> onSource = name -> {};

  private record Seen(Quota quota, long nanoTime) {}

  public QuotaWatch(int scarcePercent, Clock clock, LongSupplier nanoTime) {
    this.scarcePercent = scarcePercent;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Takes note of what an answer of the upstream's own origin says, where it says anything. */
  public void see(Answer answer) {
    Quota.parse(answer::header, clock.instant()).ifPresent(this::see);
  }

  private void see(Quota quota) {
    latest = new Seen(quota, nanoTime.getAsLong());
    String told = quota.source();
    if (told != null && !told.equals(source)) {
      source = told;
      onSource.accept(told);
    }
  }

  /** Has somebody told whom the upstream counts, each time that it names another; must be fast. */
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
