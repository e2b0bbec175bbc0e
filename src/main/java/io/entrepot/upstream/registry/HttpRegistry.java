package io.entrepot.upstream.registry;

import io.entrepot.oci.Cost;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.Quota;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.Resolution;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.auth.AuthorizedTransport;
import io.entrepot.upstream.auth.Authorizer;
import io.entrepot.upstream.auth.Refusals;
import io.entrepot.upstream.auth.TokenService;
import io.entrepot.upstream.pace.Breaker;
import io.entrepot.upstream.pace.CallMeters;
import io.entrepot.upstream.pace.PacedCalls;
import io.entrepot.upstream.pace.QuotaWatch;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.CallDeadline;
import io.entrepot.upstream.wire.HttpTransport;
import io.entrepot.upstream.wire.Timeouts;
import io.entrepot.upstream.wire.UpstreamRequest;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An upstream reached over HTTP/1.1 with blocking sockets. Each method delegates to the class of
 * its endpoint; how a request finds its proof and its way is told by {@link AuthorizedTransport}
 * and {@link HttpTransport}; whether it is sent at all, by {@link PacedCalls}.
 */
public final class HttpRegistry implements Upstream {
  private final URI root;
  private final Timeouts timeouts;
  private final CallMeters measured;
  private final Breaker breaker;
  private final QuotaWatch quotas;
  private final PacedCalls passage;
  private final HttpTransport transport;
  private final AuthorizedTransport authorized;
  private final BlobEndpoint blobs;
  private final ManifestEndpoint manifests;
  private final TagsEndpoint tags;
  private final ReferrersEndpoint referrers;

  /**
   * Connects to nothing yet.
   *
   * @param clock dates tokens and reads {@code Retry-After}; timeouts do not depend on it
   * @param meters where {@code entrepot.upstream.calls} is recorded
   * @param timer ends calls at their deadline by tasks that do not block; one thread is enough, and
   *     it should forget cancelled tasks at once ({@code setRemoveOnCancelPolicy}). It stays the
   *     caller's.
   */
  public HttpRegistry(
      UpstreamOptions options, Clock clock, MeterRegistry meters, ScheduledExecutorService timer) {
    this(options, clock, System::nanoTime, meters, timer);
  }

  /**
   * As above.
   *
   * @param nanoTime measures how long it is spared
   */
  HttpRegistry(
      UpstreamOptions options,
      Clock clock,
      LongSupplier nanoTime,
      MeterRegistry meters,
      ScheduledExecutorService timer) {
    root = options.uri().resolve("/");
    timeouts = options.timeouts();
    measured = new CallMeters(meters);
    Restraint restraint = options.restraint();
    breaker =
        new Breaker(root.getScheme() + "://" + root.getRawAuthority(), restraint, clock, nanoTime);
    quotas = new QuotaWatch(restraint.scarcePercent(), clock, nanoTime);
    UpstreamMeters numbers = new UpstreamMeters(meters, root);
    numbers.show(breaker);
    numbers.showRest(breaker);
    numbers.show(quotas);
    passage = new PacedCalls(breaker, restraint.caps(), measured, numbers.throttled());
    transport = new HttpTransport(options, timer, quotas);
    numbers.show(transport);
    TokenService service = new TokenService(transport, measured, clock);
    Refusals refusals = new Refusals(meters, clock);
    Authorizer authorizer = new Authorizer(options, service, refusals, clock);
    authorized = new AuthorizedTransport(transport, authorizer, clock);
    blobs = new BlobEndpoint(root, authorized);
    manifests = new ManifestEndpoint(root, authorized);
    tags = new TagsEndpoint(root, authorized);
    referrers = new ReferrersEndpoint(root, authorized);
  }

  /** Where it is: scheme, host and port. */
  public URI uri() {
    return root;
  }

  /** Why the upstream as a whole cannot be used, by its latest calls; empty while it can. */
  public Optional<String> trouble() {
    return measured.lastWord().trouble();
  }

  /**
   * Fetches the challenge of {@code /v2/} and, where there is one, a first token. A warm-up:
   * nothing depends on its success.
   *
   * @throws UpstreamException saying what did not work
   */
  public void connect(Cost cost) throws UpstreamException {
    passage.call(
        "ping",
        () -> {
          UpstreamRequest request = UpstreamRequest.get(root.resolve("/v2/"));
          try (Answer answer = authorized.sendForOk(request, call(Scope.NONE, cost))) {
            return answer.drain();
          }
        });
  }

  /** Whether it is asked at all now, and if not why. */
  public BreakerStatus breaker() {
    return breaker.status();
  }

  /** What it last said is left of the requests it grants; empty where it never said. */
  public Optional<Quota> quota() {
    return quotas.quota();
  }

  /** Whether little is left of the requests it grants. */
  public boolean isScarce() {
    return quotas.isScarce();
  }

  @Override
  public boolean isScarce(RepositoryName repository) {
    return isScarce();
  }

  @Override
  public Descriptor headBlob(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    return passage.call("blob", () -> blobs.head(repository, digest, pull(repository, cost)));
  }

  @Override
  public UpstreamBody fetchBlob(
      RepositoryName repository, Digest digest, FetchRange stretch, Cost cost)
      throws UpstreamException {
    return passage.begin(
        "blob",
        stretch.after() != null,
        () -> blobs.fetch(repository, digest, stretch, pull(repository, cost)));
  }

  @Override
  public Resolution resolve(RepositoryName repository, Tag tag, Cost cost)
      throws UpstreamException {
    return passage.call(
        "manifest", () -> manifests.resolve(repository, tag, pull(repository, cost)));
  }

  @Override
  public Descriptor headManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    return passage.call(
        "manifest", () -> manifests.head(repository, digest, pull(repository, cost)));
  }

  @Override
  public Manifest fetchManifest(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    return passage.call(
        "manifest", () -> manifests.fetch(repository, digest, pull(repository, cost)));
  }

  @Override
  public TagPage listTags(RepositoryName repository, Page page, Cost cost)
      throws UpstreamException {
    return passage.call("tags", () -> tags.list(repository, page, pull(repository, cost)));
  }

  @Override
  public Referrers listReferrers(
      RepositoryName repository, Digest subject, @Nullable String artifactType, Cost cost)
      throws UpstreamException {
    return passage.call(
        "referrers",
        () -> referrers.list(repository, subject, artifactType, pull(repository, cost)));
  }

  private Call pull(RepositoryName repository, Cost cost) {
    return call(Scope.pull(repository), cost);
  }

  private Call call(Scope scope, Cost cost) {
    return new Call(scope, cost, CallDeadline.in(timeouts.total()));
  }

  @Override
  public void close() {
    transport.close();
  }
}
