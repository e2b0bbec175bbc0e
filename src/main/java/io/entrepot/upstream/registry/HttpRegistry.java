package io.entrepot.upstream.registry;

import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.oci.Cost;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.ClientCredentials;
import io.entrepot.upstream.Quota;
import io.entrepot.upstream.Registry;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamQuery;
import io.entrepot.upstream.UpstreamQuery.FetchBlob;
import io.entrepot.upstream.UpstreamQuery.FetchManifest;
import io.entrepot.upstream.UpstreamQuery.FetchTag;
import io.entrepot.upstream.UpstreamQuery.HeadBlob;
import io.entrepot.upstream.UpstreamQuery.HeadManifest;
import io.entrepot.upstream.UpstreamQuery.ListReferrers;
import io.entrepot.upstream.UpstreamQuery.ListTags;
import io.entrepot.upstream.UpstreamQuery.Ping;
import io.entrepot.upstream.UpstreamQuery.ResolveTag;
import io.entrepot.upstream.auth.AuthorizedTransport;
import io.entrepot.upstream.auth.Authorizer;
import io.entrepot.upstream.auth.RealmPolicy;
import io.entrepot.upstream.auth.RefusedCredentials;
import io.entrepot.upstream.auth.TargetTokens;
import io.entrepot.upstream.auth.TokenService;
import io.entrepot.upstream.auth.TokenSource;
import io.entrepot.upstream.pace.Breaker;
import io.entrepot.upstream.pace.CallOutcomes;
import io.entrepot.upstream.pace.OutageLog;
import io.entrepot.upstream.pace.PacedCalls;
import io.entrepot.upstream.pace.QuotaWatch;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.CallDeadline;
import io.entrepot.upstream.wire.HttpTransport;
import io.entrepot.upstream.wire.RegistryMarks;
import io.entrepot.upstream.wire.SentSecrets;
import io.entrepot.upstream.wire.UpstreamRequest;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A registry reached over HTTP/1.1 with blocking sockets. A query goes through {@link PacedCalls},
 * which decides whether it is sent, to the endpoint class that knows its requests. {@link
 * AuthorizedTransport} adds the proof to each request, and {@link HttpTransport} sends it.
 */
public final class HttpRegistry implements Registry {
  /** How long a probe of the breaker may take. The next one then begins anew. */
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(5);

  private static final Ping PING = new Ping();

  private final URI root;

  /** What stands before the name of each repository; empty if the upstream is a whole registry. */
  private final Optional<RepositoryName> path;

  private final Duration timeout;
  private final CallOutcomes outcomes;
  private final Breaker breaker;
  private final QuotaWatch quotas;
  private final PacedCalls calls;
  private final HttpTransport transport;
  private final AuthorizedTransport authorized;
  private final boolean isOfClients;
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
   * @param probes runs the probes of the breaker, one at a time; also the caller's
   */
  public HttpRegistry(
      RegistryOptions options,
      Clock clock,
      MeterRegistry meters,
      ScheduledExecutorService timer,
      Executor probes) {
    this(options, clock, System::nanoTime, meters, timer, probes);
  }

  /**
   * As above.
   *
   * @param nanoTime measures how long the breaker is open, and the age of a quota
   */
  public HttpRegistry(
      RegistryOptions options,
      Clock clock,
      LongSupplier nanoTime,
      MeterRegistry meters,
      ScheduledExecutorService timer,
      Executor probes) {
    root = withSlash(options.wire().uri());
    path = path(root);
    timeout = options.wire().timeouts().total();
    Restraint restraint = options.restraint();
    String name = options.wire().uri().toString();
    breaker = new Breaker(name, restraint, clock, nanoTime, rest -> probe(rest, timer, probes));
    quotas = new QuotaWatch(restraint.scarcePercent(), clock, nanoTime);
    UpstreamMeters numbers = new UpstreamMeters(meters, root);
    outcomes = new CallOutcomes(meters, numbers.upstream(), new OutageLog(name, nanoTime));
    calls =
        new PacedCalls(
            breaker, restraint.caps(), outcomes, numbers.throttled(), options.memory(), nanoTime);
    transport =
        new HttpTransport(
            options.wire(),
            options.auth().trustedOrigins(),
            timer,
            answer -> quotas.see(answer::header),
            options.memory().allowance(Share.BODIES));
    numbers.show(breaker);
    numbers.show(quotas);
    numbers.show(transport);
    authorized = authorized(options, meters, clock);
    isOfClients = options.auth().credentials().isOfClients();
    MemoryBudget heads = options.memory().forOneOf(2);
    blobs = new BlobEndpoint(root, authorized, new HeadMemory(() -> false, nanoTime, heads));
    BooleanSupplier counted = () -> quotas.quota().isPresent();
    manifests = new ManifestEndpoint(root, authorized, new HeadMemory(counted, nanoTime, heads));
    tags = new TagsEndpoint(root, authorized);
    referrers = new ReferrersEndpoint(root, authorized, clock);
  }

  private AuthorizedTransport authorized(
      RegistryOptions options, MeterRegistry meters, Clock clock) {
    MemoryBudget memory = options.memory();
    RealmPolicy policy = options.auth().policy(root);
    TokenService service = TokenService.ofUpstream(transport, policy, clock);
    TokenService targets = TokenService.ofTargets(transport, policy, clock);
    TokenSource timed = (key, call) -> outcomes.time("token", () -> service.fetch(key, call));
    RefusedCredentials refused = new RefusedCredentials(meters, memory, clock);
    Authorizer authorizer =
        new Authorizer(root, options.auth(), timed, refused, memory, transport::redacted, clock);
    TargetTokens tokens = new TargetTokens(policy, targets, memory, clock);
    return new AuthorizedTransport(ping(), transport, authorizer, tokens, clock);
  }

  private URI ping() {
    return root.resolve("/v2/");
  }

  @Override
  public <T> T ask(UpstreamQuery<T> asked, Cost cost) throws UpstreamException {
    return ask(asked, cost, null);
  }

  @Override
  public Upstream as(ClientCredentials client) {
    return new ForClient(this, client);
  }

  /** This registry, asked with the user name and the password of a client. */
  private record ForClient(HttpRegistry registry, ClientCredentials client) implements Upstream {
    @Override
    public <T> T ask(UpstreamQuery<T> query, Cost cost) throws UpstreamException {
      try (SentSecrets.Hidden unused = registry.transport.hide(client.password().get())) {
        return registry.ask(query, cost, client);
      }
    }

    @Override
    public boolean isScarce() {
      return registry.isScarce();
    }

    @Override
    public boolean isReachable() {
      return registry.isReachable();
    }

    @Override
    public void close() {
      // The registry is closed by itself.
    }
  }

  @SuppressWarnings("unchecked") // send() answers each kind of query with the type that it names
  private <T> T ask(UpstreamQuery<T> asked, Cost cost, @Nullable ClientCredentials client)
      throws UpstreamException {
    UpstreamQuery<T> query = atFullName(asked);
    String who = client == null ? "" : client.id();
    return query instanceof FetchBlob fetch
        ? (T) calls.fetch(fetch, who, () -> fetch(fetch, begin(fetch, cost, client)))
        : calls.call(query, who, () -> (T) send(query, begin(query, cost, client)));
  }

  /**
   * The same question with the name that the repository has at the registry. From here on, URLs and
   * the scopes of tokens have that name.
   */
  private <T> UpstreamQuery<T> atFullName(UpstreamQuery<T> query) {
    RepositoryName repository = query.repository();
    return path.isEmpty() || repository == null
        ? query
        : query.at(RepositoryName.of(path.get() + "/" + repository));
  }

  private static URI withSlash(URI uri) {
    String text = uri.toString();
    return text.endsWith("/") ? uri : URI.create(text + "/");
  }

  private static Optional<RepositoryName> path(URI root) {
    String path = root.getPath();
    return path.length() <= 1
        ? Optional.empty()
        : Optional.of(RepositoryName.of(path.substring(1, path.length() - 1)));
  }

  /** The deadline counts from here: the time that a call waits for its permit is not a part. */
  private Call begin(UpstreamQuery<?> query, Cost cost, @Nullable ClientCredentials client) {
    boolean list = query instanceof ListTags;
    return new Call(query.scope(), list, cost, CallDeadline.in(timeout), client);
  }

  private UpstreamBody fetch(FetchBlob query, Call call) throws UpstreamException {
    return blobs.fetch(query.repository(), query.digest(), query.range(), call);
  }

  /** Sends any query but {@link FetchBlob}, whose call lasts until its body is closed. */
  private Object send(UpstreamQuery<?> query, Call call) throws UpstreamException {
    if (query instanceof HeadBlob head) {
      return blobs.head(head.repository(), head.digest(), call);
    }
    if (query instanceof ResolveTag resolve) {
      return manifests.resolve(resolve.repository(), resolve.tag(), call);
    }
    if (query instanceof FetchTag fetch) {
      return manifests.fetch(fetch.repository(), fetch.tag(), call);
    }
    if (query instanceof HeadManifest head) {
      return manifests.head(head.repository(), head.digest(), call);
    }
    if (query instanceof FetchManifest fetch) {
      return manifests.fetch(fetch.repository(), fetch.digest(), call);
    }
    if (query instanceof ListTags list) {
      return tags.list(list.repository(), list.query(), call);
    }
    if (query instanceof ListReferrers list) {
      return referrers.list(list, call);
    }
    if (query instanceof Ping) {
      return ping(call);
    }
    throw new IllegalArgumentException("no endpoint for " + query);
  }

  /** Looks after a time whether the upstream answers again. */
  private void probe(Duration rest, ScheduledExecutorService timer, Executor probes) {
    Runnable hurry =
        () -> {
          try {
            probes.execute(this::probe);
          } catch (RejectedExecutionException e) {
            breaker.probeLost();
          }
        };
    try {
      var unused = timer.schedule(hurry, rest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      breaker.probeLost(); // the application stops
    }
  }

  private void probe() {
    Duration most = timeout.compareTo(PROBE_TIMEOUT) < 0 ? timeout : PROBE_TIMEOUT;
    Call call = new Call(PING.scope(), false, new Cost(), CallDeadline.in(most));
    calls.probe(PING, () -> ping(call));
  }

  private boolean ping(Call call) throws UpstreamException {
    try (Answer answer = authorized.sendForOk(UpstreamRequest.get(ping()), call)) {
      RegistryMarks.requireApi(answer);
      var unused = answer.drain();
      return true;
    } catch (UpstreamException e) {
      if (isOfClients && call.client() == null && e.failure() == Failure.DENIED) {
        return true; // it answers, and wants the login of a client
      }
      throw e;
    }
  }

  @Override
  public URI uri() {
    return root;
  }

  @Override
  public Optional<String> trouble() {
    return outcomes.trouble();
  }

  @Override
  public BreakerStatus breaker() {
    return breaker.status();
  }

  /** What nodes of a cluster rest together by. */
  public Breaker guard() {
    return breaker;
  }

  @Override
  public Optional<Quota> quota() {
    return quotas.quota();
  }

  @Override
  public boolean isReachable() {
    return breaker().state() != BreakerStatus.State.OPEN;
  }

  @Override
  public boolean isScarce() {
    return quotas.isScarce();
  }

  @Override
  public void close() {
    transport.close();
  }
}
