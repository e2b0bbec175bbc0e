package io.entrepot.upstream;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.registry.HttpRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One registry with its mirrors. Each call goes to the first of them that is fit: when one cannot
 * be reached, asks us to slow down or answers what cannot be used, the next is asked. What the
 * first says of a thing, that it does not exist or is not for us, is final. A mirror may merely not
 * have it yet, or know us by other credentials than the first: what it says of either is no answer
 * of the upstream's, and when none has one, the failure of the first counts. Each has its own
 * credentials, tokens and connections (S1, S2). Thread-safe.
 */
public final class Mirrors implements Upstream {
  private static final Logger log = LoggerFactory.getLogger(Mirrors.class);

  private final List<HttpRegistry> inOrder;

  /**
   * @param inOrder the registry itself and then its mirrors, the preferred ones first; at least
   *     one. They are closed with this.
   */
  public Mirrors(List<HttpRegistry> inOrder) {
    if (inOrder.isEmpty()) {
      throw new IllegalArgumentException("no upstream");
    }
    this.inOrder = List.copyOf(inOrder);
  }

  /** The registry itself first. */
  public List<HttpRegistry> inOrder() {
    return inOrder;
  }

  /** Where the registry itself is: scheme, host and port. */
  public URI uri() {
    return inOrder.get(0).uri();
  }

  /**
   * Fetches the challenge of {@code /v2/} and, where there is one, a first token, of the first that
   * answers. A warm-up: nothing depends on its success.
   *
   * @throws UpstreamException saying what did not work
   */
  public void connect(Cost cost) throws UpstreamException {
    ask(
        null,
        mirror -> {
          mirror.connect(cost);
          return true;
        });
  }

  /** Why none of them can be used, by its latest calls; empty while one can. */
  public Optional<String> trouble() {
    List<String> troubles =
        inOrder.stream().map(HttpRegistry::trouble).flatMap(Optional::stream).toList();
    return troubles.size() < inOrder.size()
        ? Optional.empty()
        : Optional.of(String.join("; ", troubles));
  }

  @Override
  public boolean isScarce(RepositoryName repository) {
    return inOrder.stream()
        .filter(mirror -> mirror.breaker().state() == BreakerStatus.State.CLOSED)
        .findFirst()
        .orElse(inOrder.get(0))
        .isScarce(repository);
  }

  @Override
  public Descriptor headBlob(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    return ask(null, mirror -> mirror.headBlob(repository, digest, cost));
  }

  @Override
  public UpstreamBody fetchBlob(
      RepositoryName repository, Digest digest, FetchRange stretch, Cost cost)
      throws UpstreamException {
    URI broken = stretch.after() == null ? null : stretch.after().source();
    return ask(broken, mirror -> mirror.fetchBlob(repository, digest, stretch, cost));
  }

  @Override
  public Resolution resolve(RepositoryName repository, Tag tag, Cost cost)
      throws UpstreamException {
    return ask(null, mirror -> mirror.resolve(repository, tag, cost));
  }

  @Override
  public Descriptor headManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    return ask(null, mirror -> mirror.headManifest(repository, digest, cost));
  }

  @Override
  public Manifest fetchManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    return ask(null, mirror -> mirror.fetchManifest(repository, digest, cost));
  }

  @Override
  public TagPage listTags(RepositoryName repository, Page page, Cost cost)
      throws UpstreamException {
    return ask(null, mirror -> mirror.listTags(repository, page, cost));
  }

  @Override
  public Referrers listReferrers(
      RepositoryName repository, Digest subject, @Nullable String artifactType, Cost cost)
      throws UpstreamException {
    return ask(null, mirror -> mirror.listReferrers(repository, subject, artifactType, cost));
  }

  /** What can be asked of each of them. */
  private interface Question<T> {
    T of(HttpRegistry mirror) throws UpstreamException;
  }

  /**
   * Asks one after the other.
   *
   * @param broken the one that is asked last, since it has just broken off; or null
   */
  private <T> T ask(@Nullable URI broken, Question<T> question) throws UpstreamException {
    List<HttpRegistry> left = order(broken);
    List<UpstreamException> failures = new ArrayList<>();
    while (true) {
      HttpRegistry mirror = left.remove(0);
      try {
        return question.of(mirror);
      } catch (UpstreamException e) {
        failures.add(e);
        if (isFinal(e.failure(), mirror)) {
          throw e;
        }
        if (left.isEmpty()) {
          throw verdict(failures);
        }
        log.debug("{} is asked instead: {}", left.get(0).uri(), e.getMessage());
      }
    }
  }

  private List<HttpRegistry> order(@Nullable URI broken) {
    List<HttpRegistry> order = new ArrayList<>(inOrder);
    for (HttpRegistry mirror : inOrder) {
      if (mirror.uri().equals(broken)) {
        order.remove(mirror);
        order.add(mirror);
      }
    }
    return order;
  }

  private boolean isFinal(Failure failure, HttpRegistry mirror) {
    return switch (failure) {
      case DENIED, NOT_FOUND -> mirror == inOrder.get(0);
      // Caps are shared, and who is not to be asked has no mirrors: the next would say the same.
      case BUSY, OFFLINE -> true;
      case THROTTLED, TIMEOUT, UNREACHABLE, INVALID -> false;
    };
  }

  /**
   * All have failed; that the first could not say outweighs that a mirror has not got it, or not
   * for us.
   */
  private static UpstreamException verdict(List<UpstreamException> failures) {
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
    return new UpstreamException(worst.failure(), all, soonest, worst);
  }

  @Override
  public void close() {
    inOrder.forEach(HttpRegistry::close);
  }
}
