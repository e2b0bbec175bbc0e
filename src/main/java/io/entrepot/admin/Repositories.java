package io.entrepot.admin;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.entrepot.access.Viewer;
import io.entrepot.admin.Statistics.Entry;
import io.entrepot.cache.explain.Explanation;
import io.entrepot.cache.explain.Explanations;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.HeldRepositories;
import io.entrepot.catalog.HeldRepositories.Order;
import io.entrepot.catalog.HeldRepositories.Wanted;
import io.entrepot.catalog.RepositoryEntry;
import io.entrepot.expiry.Retention;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Page;
import io.entrepot.oci.Quoted;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the repositories of this cache hold, for people. Each viewer sees only those that he may
 * pull. Queries the database; an answer has a limited number of entries. Thread-safe.
 */
public final class Repositories {
  private static final int PAGE = 100;
  private static final int MAX_PAGE = 1_000;

  /** Of each tag the manifests are read, which may list a thousand blobs. */
  private static final int TAGS = 20;

  private static final int MAX_TAGS = 100;

  /** How many digests of its history come with a tag. All are below {@code /api/tags}. */
  private static final int MAX_HISTORY = 5;

  private final Sources sources;
  private final Catalog catalog;
  private final Explanations explanations;
  private final Retention retention;

  /** Wires the collaborators. */
  public Repositories(
      Sources sources, Catalog catalog, Explanations explanations, Retention retention) {
    this.sources = sources;
    this.catalog = catalog;
    this.explanations = explanations;
    this.retention = retention;
  }

  /**
   * A page of the repositories.
   *
   * @param next the value of {@code last} for the next page, or null if there is none
   */
  public record Listing(List<Repository> repositories, @Nullable String next) {}

  /**
   * A repository. Each digest is counted once. Times are in ISO 8601.
   *
   * @param name the name by which clients pull it; without such a name, the name in this cache
   * @param upstream the name of its upstream
   * @param tags how many tags lead somewhere
   * @param lastUsed when a client last used something of it, as far as it was written down
   * @param nextExpiry when the first of it expires unless it is used, or null for never
   */
  public record Repository(
      String name,
      String upstream,
      long tags,
      @JsonUnwrapped Amount amount,
      String lastUsed,
      @Nullable String nextExpiry) {}

  /**
   * How much a repository has.
   *
   * @param digests the number of digests, manifests included
   * @param bytes the bytes of these digests
   * @param ownBytes the bytes that no other repository has
   * @param sharedBytes the bytes that others have too
   */
  public record Amount(long digests, long bytes, long ownBytes, long sharedBytes) {}

  /**
   * A repository with a page of its tags.
   *
   * @param tagDetails a page of the tags
   * @param next the value of {@code last} for the next page, or null if there is none
   */
  public record Detailed(
      @JsonUnwrapped Repository repository, List<TagDetails> tagDetails, @Nullable String next) {}

  /**
   * A tag that leads somewhere.
   *
   * @param rule how long it stays valid, and which pins keep it; null if its upstream is not
   *     configured any more
   * @param cache where it leads, and what of that is stored; null likewise
   * @param history the digests that the upstream has returned last
   * @param signatures the tags that hold signatures of its digest, by the names that cosign gives
   */
  public record TagDetails(
      String tag,
      Explanation.@Nullable Rule rule,
      Explanation.@Nullable Held cache,
      List<Entry> history,
      List<String> signatures) {}

  /**
   * Which repositories are wanted.
   *
   * @param part a text that the name contains, or null
   * @param upstream the name of the upstream, or null for all
   * @param sort {@code name}, {@code size}, {@code used}, or null
   * @param page the number of entries, and the name of the last one of the page before
   */
  public record Query(
      @Nullable String part, @Nullable String upstream, @Nullable String sort, Page page) {}

  /**
   * Lists repositories.
   *
   * @throws OciException if there is no such upstream or order
   */
  public Listing list(Query query, Viewer viewer) {
    int n = size(query.page(), PAGE, MAX_PAGE);
    String part = query.part() == null ? "" : query.part();
    String last = query.page().last();
    RepositoryName after = last == null ? null : named(RepositoryName.parse(last), null, null);
    Wanted wanted = new Wanted(prefix(query.upstream()), part, order(query.sort()), after);
    List<RepositoryName> found = find(wanted, n + 1, viewer);
    List<Repository> entries = new ArrayList<>();
    catalog.repositories().entries(found).forEach(entry -> entries.add(repository(entry)));
    return entries.size() <= n
        ? new Listing(entries, null)
        : new Listing(List.copyOf(entries.subList(0, n)), entries.get(n - 1).name());
  }

  /** Looks at many names at once if the viewer may perhaps pull only a few of them. */
  private List<RepositoryName> find(Wanted wanted, int n, Viewer viewer) {
    HeldRepositories held = catalog.repositories();
    int size = viewer.rules() == null ? n : Catalog.MAX_PAGE;
    List<RepositoryName> found = new ArrayList<>();
    Wanted next = wanted;
    List<RepositoryName> batch;
    do {
      batch = held.page(next, size);
      batch.stream()
          .filter(name -> viewer.mayPull(name.value()))
          .limit(n - found.size())
          .forEach(found::add);
      next =
          batch.isEmpty()
              ? next
              : new Wanted(
                  wanted.prefix(), wanted.part(), wanted.order(), batch.get(batch.size() - 1));
    } while (batch.size() == size && found.size() < n);
    return found;
  }

  private static int size(Page page, int usual, int most) {
    Integer n = page.n();
    if (n != null && n == 0) {
      throw new OciException(OciError.PAGE_INVALID, "n=0: a page has at least one entry");
    }
    return n == null ? usual : Math.min(n, most);
  }

  private static Order order(@Nullable String sort) {
    return switch (sort == null ? "name" : sort) {
      case "name" -> Order.NAME;
      case "size" -> Order.SIZE;
      case "used" -> Order.USED;
      default ->
          throw new OciException(
              OciError.PAGE_INVALID,
              "sort=" + Quoted.of(String.valueOf(sort)) + ": write name, size or used");
    };
  }

  private String prefix(@Nullable String upstream) {
    if (upstream == null) {
      return "";
    }
    List<String> names = sources.upstreams().stream().map(ProxiedUpstream::name).toList();
    if (!names.contains(upstream)) {
      throw new OciException(
          OciError.NAME_UNKNOWN,
          "%s is not an upstream of this cache; its upstreams are %s"
              .formatted(Quoted.of(upstream), String.join(", ", names)));
    }
    return upstream + "/";
  }

  private Repository repository(RepositoryEntry entry) {
    RepositoryName name = entry.repository();
    RepositoryEntry.Counts counts = entry.counts();
    Instant expiry = retention.of(name).expiry(entry.leastFetched(), entry.leastUsed());
    return new Repository(
        sources.pathOf(name).orElse(name).value(),
        name.firstComponent(),
        entry.tags(),
        new Amount(
            counts.digests(),
            counts.bytes(),
            counts.ownBytes(),
            counts.bytes() - counts.ownBytes()),
        entry.lastUsed().toString(),
        expiry.equals(Instant.MAX) ? null : expiry.toString());
  }

  /**
   * The name in this cache for a name that a person has written: as clients use it in a path, or as
   * it is stored, which is the only name of a repository whose upstream is not configured any more.
   *
   * @throws OciException if it leads to no upstream and is not stored
   */
  RepositoryName named(RepositoryName name, @Nullable String namespace, @Nullable String host) {
    HeldRepositories held = catalog.repositories();
    try {
      RepositoryName routed = sources.trace(name, namespace, host).source().repository();
      return held.holds(routed) || !held.holds(name) ? routed : name;
    } catch (OciException e) {
      if (e.error() == OciError.NAME_UNKNOWN && namespace == null && held.holds(name)) {
        return name;
      }
      throw e;
    }
  }

  /**
   * What a repository holds.
   *
   * @param name its name in this cache
   * @param page the page of its tags
   * @return empty if nothing of it is here, or the viewer may not pull it
   */
  public Optional<Detailed> find(RepositoryName name, Page page, Viewer viewer) {
    if (!viewer.mayPull(name.value())) {
      return Optional.empty();
    }
    return catalog.repositories().entries(List.of(name)).stream()
        .findFirst()
        .map(entry -> detailed(entry, page));
  }

  private Detailed detailed(RepositoryEntry entry, Page page) {
    int n = size(page, TAGS, MAX_TAGS);
    RepositoryName name = entry.repository();
    List<String> tags = catalog.tags().list(name, new Page(n + 1, page.last()));
    Source source = sources.of(name).orElse(null);
    List<TagDetails> details = new ArrayList<>();
    for (String tag : tags.subList(0, Math.min(n, tags.size()))) {
      details.add(details(name, source, new Tag(tag)));
    }
    return new Detailed(repository(entry), details, tags.size() <= n ? null : tags.get(n - 1));
  }

  private TagDetails details(RepositoryName name, @Nullable Source source, Tag tag) {
    List<Entry> history =
        catalog.tags().history(name, tag).stream().limit(MAX_HISTORY).map(Entry::of).toList();
    if (source == null) {
      return new TagDetails(tag.value(), null, null, history, List.of());
    }
    Explanation.Details known = explanations.details(source, tag);
    Explanation.Held held = known.cache();
    List<String> signatures =
        held == null || held.digest() == null ? List.of() : signatures(name, held.digest());
    return new TagDetails(tag.value(), known.rule(), held, history, signatures);
  }

  private List<String> signatures(RepositoryName name, String digest) {
    String prefix = digest.replace(':', '-') + ".";
    // The tags that begin with the digest: .att, .sbom and .sig.
    return catalog.tags().list(name, new Page(10, prefix)).stream()
        .filter(tag -> tag.startsWith(prefix))
        .toList();
  }
}
