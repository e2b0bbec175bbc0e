package io.entrepot.upstream;

import static java.util.stream.Collectors.toUnmodifiableMap;

import io.entrepot.oci.Cost;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamQuery.FetchBlob;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One registry with its mirrors. A call goes to the registry itself first. The next in order is
 * asked when one cannot be reached, asks us to slow down, or gives an unusable answer.
 *
 * <p>When the registry itself says "not found" or "denied", that is final. A mirror that says so
 * decides nothing: it may not have the content yet, and it may know us by other credentials. When
 * no one has the content, the failure of the registry itself counts.
 *
 * <p>Each has its own credentials, tokens and connections (S1, S2). Thread-safe.
 */
public final class Mirrors implements Upstream {
  private final List<Registry> inOrder;
  private final Map<URI, FailoverLog> failovers;

  /**
   * @param inOrder the registry itself and then its mirrors, the preferred ones first; at least
   *     one. They are closed with this.
   */
  public Mirrors(List<? extends Registry> inOrder) {
    if (inOrder.isEmpty()) {
      throw new IllegalArgumentException("no upstream");
    }
    this.inOrder = List.copyOf(inOrder);
    this.failovers =
        inOrder.stream()
            .map(Registry::uri)
            .distinct()
            .collect(toUnmodifiableMap(uri -> uri, uri -> new FailoverLog(uri, System::nanoTime)));
  }

  /** The registry itself first. */
  public List<Registry> inOrder() {
    return inOrder;
  }

  /** Where the registry itself is: its URL. */
  public URI uri() {
    return inOrder.get(0).uri();
  }

  /** Why none of them can be used, by the latest calls; empty while one can. */
  public Optional<String> trouble() {
    List<String> troubles =
        inOrder.stream().map(Registry::trouble).flatMap(Optional::stream).toList();
    return troubles.size() < inOrder.size()
        ? Optional.empty()
        : Optional.of(String.join("; ", troubles));
  }

  /** Whether few requests are left at the one that would be asked now. */
  @Override
  public boolean isScarce() {
    return inOrder.stream()
        .filter(registry -> registry.breaker().state() == BreakerStatus.State.CLOSED)
        .findFirst()
        .orElse(inOrder.get(0))
        .isScarce();
  }

  @Override
  public boolean isReachable() {
    return inOrder.stream().anyMatch(Registry::isReachable);
  }

  @Override
  public <T> T ask(UpstreamQuery<T> query, Cost cost) throws UpstreamException {
    List<Registry> left = order(query);
    List<UpstreamException> failures = new ArrayList<>();
    while (true) {
      Registry registry = left.remove(0);
      FailoverLog failover = Objects.requireNonNull(failovers.get(registry.uri()));
      try {
        T answer = registry.ask(query, cost);
        failover.answered();
        return answer;
      } catch (UpstreamException e) {
        failures.add(e);
        boolean answered = e.failure() == Failure.NOT_FOUND || e.failure() == Failure.DENIED;
        if (answered) {
          failover.answered();
        }
        if (isFinal(e.failure(), registry)) {
          throw e;
        }
        if (left.isEmpty()) {
          throw failureOfAll(failures);
        }
        if (!answered) {
          failover.replaced(left.get(0).uri(), e);
        }
      }
    }
  }

  /** The registry itself: what a mirror says is not its word about a client. */
  @Override
  public Upstream as(ClientCredentials client) {
    return inOrder.get(0).as(client);
  }

  /** One whose response has just broken off is asked last for the rest. */
  private List<Registry> order(UpstreamQuery<?> query) {
    URI broken = brokenSource(query);
    List<Registry> order = new ArrayList<>(inOrder);
    for (Registry registry : inOrder) {
      if (registry.uri().equals(broken)) {
        order.remove(registry);
        order.add(registry);
      }
    }
    return order;
  }

  private static @Nullable URI brokenSource(UpstreamQuery<?> query) {
    return query instanceof FetchBlob fetch && fetch.range().after() != null
        ? fetch.range().after().source()
        : null;
  }

  private boolean isFinal(Failure failure, Registry registry) {
    return switch (failure) {
      case DENIED, NOT_FOUND -> registry == inOrder.get(0);
      // All share the limits of calls, so the next would be busy too. OFFLINE has no mirrors.
      case BUSY, OFFLINE -> true;
      case THROTTLED, REFUSED, TIMEOUT, UNREACHABLE, LOOP, INVALID -> false;
    };
  }

  /** The failure to report when all have failed: the first that is not "not found" or "denied". */
  private static UpstreamException failureOfAll(List<UpstreamException> failures) {
    if (failures.size() == 1) {
      return failures.get(0);
    }
    UpstreamException worst =
        failures.stream()
            .filter(e -> e.failure() != Failure.NOT_FOUND && e.failure() != Failure.DENIED)
            .findFirst()
            .orElse(failures.get(0));
    Duration soonest =
        failures.stream()
            .flatMap(e -> e.retryAfter().stream())
            .min(Duration::compareTo)
            .orElse(null);
    String all = failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
    return worst.retold(all, soonest);
  }

  @Override
  public void close() {
    inOrder.forEach(Registry::close);
  }
}
