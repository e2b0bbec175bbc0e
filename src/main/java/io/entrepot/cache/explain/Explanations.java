package io.entrepot.cache.explain;

import io.entrepot.cache.LocalContent;
import io.entrepot.cache.explain.Explanation.Price;
import io.entrepot.cache.explain.Explanation.Standing;
import io.entrepot.cache.tags.ManifestCache;
import io.entrepot.cache.tags.Verdict;
import io.entrepot.catalog.LinkKind;
import io.entrepot.catalog.Pin;
import io.entrepot.catalog.TagEntry;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Reference;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import io.entrepot.routing.Sources.Route;
import io.entrepot.routing.UpstreamStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Explains what a pull would do, without doing it: it sends no upstream request and counts no use.
 * Queries the catalog and the store. Thread-safe.
 */
public final class Explanations {
  private final Sources sources;
  private final LocalContent content;
  private final ManifestCache manifests;
  private final Supplier<List<Pin>> pins;
  private final Clock clock;

  /** Wires the collaborators. */
  public Explanations(
      Sources sources,
      LocalContent content,
      ManifestCache manifests,
      Supplier<List<Pin>> pins,
      Clock clock) {
    this.sources = sources;
    this.content = content;
    this.manifests = manifests;
    this.pins = pins;
    this.clock = clock;
  }

  /**
   * Explains a pull.
   *
   * @param reference the image
   * @param namespace the parameter {@code ns} that the client would send, or null
   * @param host the host name of this cache that the client would use, or null
   * @throws OciException with {@link OciError#NAME_INVALID} if the name is too long with the name
   *     of the upstream in front, or {@link OciError#UNAVAILABLE} if the catalog fails
   */
  public Explanation explain(
      ImageReference reference, @Nullable String namespace, @Nullable String host) {
    Route route;
    try {
      route = sources.trace(reference, namespace, host);
    } catch (OciException e) {
      if (e.error() != OciError.NAME_UNKNOWN) {
        throw e;
      }
      String sentence = reference + " is refused with NAME_UNKNOWN: " + e.getMessage() + ".";
      return new Explanation(
          reference.toString(), sentence, null, null, Explanation.Details.NONE, Price.NOTHING);
    }
    Source source = route.source();
    UpstreamStatus status = source.status();
    Explanation.Lead lead = lead(route, status);
    Optional<String> refusal = source.refusal();
    if (refusal.isPresent()) {
      return new Explanation(
          reference.toString(),
          reference + " may not be pulled from " + source.upstream() + ": " + refusal.get() + ".",
          lead,
          new Explanation.Admitted(false, refusal.get()),
          Explanation.Details.NONE,
          Price.NOTHING);
    }
    Standing standing = standing(source, status);
    Finding finding = look(source, reference.reference(), standing.reachable());
    return new Explanation(
        reference.toString(),
        finding.sentence(reference.toString()),
        lead,
        new Explanation.Admitted(true, null),
        new Explanation.Details(rule(source, reference), held(source, finding), standing),
        finding.price());
  }

  private static Standing standing(Source source, UpstreamStatus status) {
    return new Standing(
        status.offline(), status.isReachable(), source.isScarce(), status.registries());
  }

  /** What is known about one tag of a repository, also where the repository may not be pulled. */
  public Explanation.Details details(Source source, Tag tag) {
    Standing standing = standing(source, source.status());
    Finding finding = look(source, tag, standing.reachable());
    ImageReference reference = new ImageReference(null, source.remote(), tag, null);
    return new Explanation.Details(rule(source, reference), held(source, finding), standing);
  }

  private Explanation.Lead lead(Route route, UpstreamStatus status) {
    return new Explanation.Lead(
        route.source().upstream(),
        status.registries().stream().map(UpstreamStatus.OfRegistry::url).toList(),
        route.way().name().toLowerCase(Locale.ROOT),
        route.source().shown().value(),
        route.source().remote().value(),
        sources.hiddenBy(route).orElse(null));
  }

  private Finding look(Source source, Reference reference, boolean reachable) {
    RepositoryName repository = source.repository();
    TagEntry entry =
        reference instanceof Tag tag ? content.tags().find(repository, tag).orElse(null) : null;
    Digest digest =
        reference instanceof Digest given ? given : entry == null ? null : entry.digest();
    Inventory inventory = new Inventory(content, repository);
    Optional<Manifest> manifest = Optional.ofNullable(digest).flatMap(inventory::manifest);
    Verdict.Facts facts = manifests.facts(source, reference, entry, manifest::isPresent);
    Finding.Target target =
        new Finding.Target(
            reference instanceof Tag,
            entry,
            digest,
            facts.state(),
            entry == null ? null : freshUntil(source, entry));
    return new Finding(
        target,
        manifest.orElse(null),
        manifest.map(inventory::of).orElse(null),
        reachable,
        reachable && !facts.isAbsent(),
        Verdict.of(facts));
  }

  private static @Nullable Instant freshUntil(Source source, TagEntry entry) {
    return source
        .freshness()
        .freshUntil(entry.tag(), entry.resolvedAt(), entry.freshFor())
        .orElse(null);
  }

  private Explanation.Rule rule(Source source, ImageReference reference) {
    Freshness freshness = source.freshness();
    List<String> matching =
        pins.get().stream()
            .filter(pin -> pin.repositories().matches(source.repository().value()))
            .filter(pin -> reference.tag() != null && pin.tags().matches(reference.tag().value()))
            .map(this::words)
            .toList();
    if (!(reference.reference() instanceof Tag tag)) {
      return new Explanation.Rule("digest", null, null, 0, 0, matching);
    }
    Optional<Duration> interval = freshness.interval(tag);
    return new Explanation.Rule(
        interval.isPresent() ? "interval" : "immutable",
        freshness.rule(tag).map(rule -> rule.tags().pattern()).orElse(null),
        interval.map(Duration::toSeconds).orElse(null),
        freshness.staleWindow().toSeconds(),
        freshness.cooling().toSeconds(),
        matching);
  }

  /** A pin as it is written in the settings: without the name of the default upstream. */
  private String words(Pin pin) {
    String text = pin.toString();
    String own = sources.fallback().name() + "/";
    return text.startsWith(own) ? text.substring(own.length()) : text;
  }

  private Explanation.Held held(Source source, Finding found) {
    Finding.Target target = found.target();
    Manifest manifest = found.manifest();
    return new Explanation.Held(
        manifest == null ? "absent" : word(target.state()),
        target.digest() == null ? null : target.digest().toString(),
        word(target),
        manifest == null
            ? Explanation.Stored.NOTHING
            : new Explanation.Stored(
                manifest.mediaType(),
                (long) manifest.bytes().length,
                leaseUntil(source, manifest.digest()),
                found.contents()));
  }

  /** By the link of this repository: the lease of the digest would tell of the links of others. */
  private @Nullable String leaseUntil(Source source, Digest digest) {
    return content
        .findLink(source.repository(), digest, LinkKind.MANIFEST)
        .map(link -> source.expiry().expiry(link.fetchedAt(), link.lastUsed()))
        .filter(expiry -> expiry.isBefore(Instant.MAX))
        .map(Instant::toString)
        .orElse(null);
  }

  private static String word(Freshness.State state) {
    return switch (state) {
      case FRESH -> "fresh";
      case LATE -> "late";
      case OLD -> "stale";
    };
  }

  private Explanation.Word word(Finding.Target target) {
    TagEntry entry = target.entry();
    boolean fresh = target.state() == Freshness.State.FRESH;
    Instant until = fresh ? target.freshUntil() : null;
    if (entry == null) {
      return Explanation.Word.NONE;
    }
    Duration age = Duration.between(entry.resolvedAt(), clock.instant());
    return new Explanation.Word(
        entry.deviation() == null ? null : entry.deviation().name().toLowerCase(Locale.ROOT),
        Math.max(0, age.toSeconds()),
        until == null ? null : until.toString());
  }
}
