package io.entrepot.cache.explain;

import io.entrepot.cache.Absences;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.explain.Explanation.Price;
import io.entrepot.cache.explain.Explanation.Standing;
import io.entrepot.cache.tags.ManifestCache;
import io.entrepot.cache.tags.Verdict;
import io.entrepot.catalog.Pin;
import io.entrepot.catalog.TagEntry;
import io.entrepot.expiry.Leases;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Reference;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.Routes;
import io.entrepot.routing.Routes.Route;
import io.entrepot.routing.TagPolicy;
import io.entrepot.routing.UpstreamStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Says what a pull would get and why, without fetching anything: no upstream is asked and no use is
 * counted. Asks the catalog and the store. Thread-safe.
 */
public final class Explanations {
  private final Routes routes;
  private final LocalContent shelf;
  private final ManifestCache manifests;
  private final Absences absences;
  private final TagPolicy policy;
  private final List<Pin> pins;
  private final Leases leases;
  private final Function<String, UpstreamStatus> upstreams;
  private final Clock clock;

  /**
   * Wires the collaborators.
   *
   * @param upstreams tells how one of that name stands; must answer at once
   */
  public Explanations(
      Routes routes,
      LocalContent shelf,
      ManifestCache manifests,
      Absences absences,
      TagPolicy policy,
      List<Pin> pins,
      Leases leases,
      Function<String, UpstreamStatus> upstreams,
      Clock clock) {
    this.routes = routes;
    this.shelf = shelf;
    this.manifests = manifests;
    this.absences = absences;
    this.policy = policy;
    this.pins = List.copyOf(pins);
    this.leases = leases;
    this.upstreams = upstreams;
    this.clock = clock;
  }

  /**
   * Explains what a client would get.
   *
   * @param namespace the {@code ns} that it would send, or null
   * @param host the host name that it would come to, or null
   * @throws OciException with {@link OciError#NAME_INVALID} where the name is none with that
   *     upstream's in front, or {@link OciError#UNAVAILABLE} where the catalog cannot be asked
   */
  public Explanation explain(
      ImageReference reference, @Nullable String namespace, @Nullable String host) {
    Route route;
    try {
      route = routes.trace(reference, namespace, host);
    } catch (OciException e) {
      if (e.error() != OciError.NAME_UNKNOWN) {
        throw e;
      }
      String sentence = reference + " is refused with NAME_UNKNOWN: " + e.getMessage() + ".";
      return new Explanation(
          reference.toString(), sentence, null, null, null, null, null, Price.NOTHING);
    }
    UpstreamStatus status = upstreams.apply(route.upstream());
    Explanation.Lead lead = lead(route, status);
    Optional<String> refusal = routes.refusal(route);
    if (refusal.isPresent()) {
      return new Explanation(
          reference.toString(),
          reference + " may not be had from " + route.upstream() + ": " + refusal.get() + ".",
          lead,
          new Explanation.Admitted(false, refusal.get()),
          null,
          null,
          null,
          Price.NOTHING);
    }
    return explain(reference, lead, route.repository(), standing(status, route.repository()));
  }

  private static Explanation.Lead lead(Route route, UpstreamStatus status) {
    return new Explanation.Lead(
        route.upstream(),
        status.registries().stream().map(UpstreamStatus.Registry::url).toList(),
        route.way().name().toLowerCase(Locale.ROOT),
        route.repository().value(),
        route.remote().value());
  }

  private Standing standing(UpstreamStatus status, RepositoryName repository) {
    boolean reachable = status.registries().stream().anyMatch(r -> !r.breaker().equals("open"));
    return new Standing(
        status.offline(), reachable, policy.scarce().test(repository), status.registries());
  }

  private Explanation explain(
      ImageReference reference,
      Explanation.Lead lead,
      RepositoryName repository,
      Standing standing) {
    Finding finding = look(repository, reference.reference(), standing);
    return new Explanation(
        reference.toString(),
        finding.sentence(reference.toString()),
        lead,
        new Explanation.Admitted(true, null),
        rule(repository, reference),
        held(finding),
        standing,
        finding.price());
  }

  private Finding look(RepositoryName repository, Reference reference, Standing standing) {
    Optional<TagEntry> entry =
        reference instanceof Tag tag ? shelf.findTag(repository, tag) : Optional.empty();
    Freshness freshness = policy.freshness().apply(repository);
    Digest digest =
        reference instanceof Digest given ? given : entry.map(TagEntry::digest).orElse(null);
    Inventory inventory = new Inventory(shelf, repository);
    Optional<Manifest> manifest = Optional.ofNullable(digest).flatMap(inventory::manifest);
    Freshness.State state =
        entry.map(e -> freshness.stateOf(e, clock.instant())).orElse(Freshness.State.FRESH);
    boolean absent = absences.find(ManifestCache.question(repository, reference)).isPresent();
    Verdict verdict =
        Verdict.of(
            new Verdict.Facts(
                manifest.isPresent(),
                state,
                reference instanceof Tag tag && manifests.isRefused(repository, tag),
                standing.scarce(),
                absent,
                standing.reachable()));
    return new Finding(
        entry.orElse(null),
        digest,
        manifest.orElse(null),
        manifest.map(inventory::of).orElse(null),
        state,
        entry.flatMap(freshness::freshUntil).orElse(null),
        reference instanceof Tag,
        standing.reachable(),
        standing.reachable() && !absent,
        verdict);
  }

  private Explanation.Rule rule(RepositoryName repository, ImageReference reference) {
    Freshness freshness = policy.freshness().apply(repository);
    List<String> sparing =
        pins.stream()
            .filter(pin -> pin.repositories().matches(repository.value()))
            .filter(pin -> reference.tag() != null && pin.tags().matches(reference.tag().value()))
            .map(Pin::toString)
            .toList();
    if (!(reference.reference() instanceof Tag tag)) {
      return new Explanation.Rule("digest", null, null, 0, 0, sparing);
    }
    Optional<Duration> interval = freshness.interval(tag);
    return new Explanation.Rule(
        interval.isPresent() ? "interval" : "immutable",
        freshness.rule(tag).map(rule -> rule.tags().pattern()).orElse(null),
        interval.map(Duration::toSeconds).orElse(null),
        freshness.staleWindow().toSeconds(),
        policy.cooling().apply(repository).toSeconds(),
        sparing);
  }

  private Explanation.Held held(Finding found) {
    Manifest manifest = found.manifest();
    TagEntry entry = found.entry();
    Instant now = clock.instant();
    String state =
        manifest == null
            ? "absent"
            : switch (found.state()) {
              case FRESH -> "fresh";
              case LATE -> "late";
              case OLD -> "stale";
            };
    return new Explanation.Held(
        state,
        found.digest() == null ? null : found.digest().toString(),
        entry == null || entry.deviation() == null
            ? null
            : entry.deviation().name().toLowerCase(Locale.ROOT),
        manifest == null ? null : manifest.mediaType(),
        manifest == null ? null : (long) manifest.bytes().length,
        entry == null ? null : Math.max(0, Duration.between(entry.resolvedAt(), now).toSeconds()),
        found.state() != Freshness.State.FRESH || found.freshUntil() == null
            ? null
            : found.freshUntil().toString(),
        manifest == null
            ? null
            : leases.find(manifest.digest()).map(Instant::toString).orElse(null),
        found.contents());
  }
}
