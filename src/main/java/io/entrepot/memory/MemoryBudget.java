package io.entrepot.memory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.Weigher;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The part of the heap that content from clients and upstreams may fill, divided into a {@link
 * Share} for each use. Made once at the start. Everything in memory whose size others decide is
 * weighed in bytes, with its keys, against its share. Thread-safe.
 */
public final class MemoryBudget {
  /** More would only make each collection of garbage longer. */
  private static final long MAX = 512L << 20;

  private final long bytes;
  private final int owners;
  private final Map<Share, Allowance> allowances;
  private final Map<Share, Queue<LongSupplier>> used;

  /**
   * Takes three eighths of the heap. The rest is for the server and its connections, the buffers of
   * clients, the database, and objects that live for a moment.
   *
   * @param heap its largest size in bytes
   */
  public MemoryBudget(long heap) {
    bytes = Math.min(heap / 8 * 3, MAX);
    owners = 1;
    allowances = new EnumMap<>(Share.class);
    used = new EnumMap<>(Share.class);
    for (Share share : Share.values()) {
      used.put(share, new ConcurrentLinkedQueue<>());
    }
    for (Share share : List.of(Share.USES, Share.QUESTIONS, Share.FILLS, Share.BODIES)) {
      Allowance allowance = new Allowance(share.of(bytes));
      allowances.put(share, allowance);
      gauges(share).add(allowance::used);
    }
  }

  /** The budget of this Java process. */
  public static MemoryBudget ofHeap() {
    return new MemoryBudget(Runtime.getRuntime().maxMemory());
  }

  private MemoryBudget(MemoryBudget whole, int owners) {
    this.bytes = whole.bytes;
    this.owners = owners;
    this.allowances = whole.allowances;
    this.used = whole.used;
  }

  /**
   * The same budget for one of several who each make the same caches, such as registries.
   *
   * @param number how many there are, 1 or more
   */
  public MemoryBudget forOneOf(int number) {
    return new MemoryBudget(this, owners * number);
  }

  /**
   * Makes a cache that drops entries when they weigh more than its share.
   *
   * @param weigher the bytes of an entry, with its key, by {@link Weight}
   */
  public <K, V> Cache<K, V> cache(Share share, Weigher<K, V> weigher) {
    Cache<K, V> cache =
        Caffeine.newBuilder()
            .maximumWeight(bytes(share))
            .weigher(weigher)
            .executor(Runnable::run)
            .build();
    Policy.Eviction<K, V> eviction = cache.policy().eviction().orElseThrow();
    gauges(share).add(() -> eviction.weightedSize().orElse(0));
    return cache;
  }

  /** The bytes of a share: for one owner, where there are several. */
  public long bytes(Share share) {
    return share.of(bytes) / owners;
  }

  /** What may be in use of a share that is no cache. All owners have the same. */
  public Allowance allowance(Share share) {
    Allowance allowance = allowances.get(share);
    if (allowance == null) {
      throw new IllegalArgumentException(share + " is a cache");
    }
    return allowance;
  }

  /**
   * One share, for statistics.
   *
   * @param name such as {@code tag-lists}
   * @param bytes how much it may be
   * @param used how much it is
   */
  public record Usage(String name, long bytes, long used) {}

  /** All shares. */
  public List<Usage> usage() {
    return Stream.of(Share.values())
        .map(share -> new Usage(share.label(), share.of(bytes), used(share)))
        .toList();
  }

  private Queue<LongSupplier> gauges(Share share) {
    return Objects.requireNonNull(used.get(share));
  }

  private long used(Share share) {
    return gauges(share).stream().mapToLong(LongSupplier::getAsLong).sum();
  }
}
