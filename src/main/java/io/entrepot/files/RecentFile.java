package io.entrepot.files;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The content of a watched file, at most a second old. It is for what each request asks: the disk
 * is looked at once a second only. Thread-safe.
 */
public final class RecentFile<T> {
  /** How often it is looked whether the file has changed. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final WatchedFile<T> file;
  private final Clock clock;
  private volatile Looked<T> looked;

  private record Looked<T>(T content, Instant at) {}

  /** Looks at the file for the first time. */
  public RecentFile(WatchedFile<T> file, Clock clock) {
    this.file = file;
    this.clock = clock;
    this.looked = new Looked<>(file.get(), clock.instant());
  }

  /** The content. It is the same object while the file does not change. */
  public T get() {
    Looked<T> last = looked;
    Instant now = clock.instant();
    if (Duration.between(last.at(), now).abs().compareTo(LOOK) >= 0) {
      last = new Looked<>(file.get(), now);
      looked = last;
    }
    return last.content();
  }
}
