package io.entrepot.catalog;

import io.entrepot.database.Database;
import io.entrepot.database.SlowCount;
import io.entrepot.oci.RepositoryName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of the catalog that lists repositories for people. Safe for concurrent use. All methods
 * ask the database, and throw {@link io.entrepot.database.DatabaseException} when it fails.
 */
public final class HeldRepositories {
  /** How many repositories one statement names. */
  private static final int BATCH = 100;

  private final Database database;
  private final SlowCount<Map<String, Long>> upstreams;
  private @Nullable Wanted ranked;
  private @Nullable SlowCount<List<RepositoryName>> ranking;

  HeldRepositories(Database database) {
    this.database = database;
    this.upstreams =
        new SlowCount<>(
            () -> database.read("counting by upstream", RepositoryTable::bytesOfUpstreams),
            System::nanoTime);
  }

  /** The orders of a list. */
  public enum Order {
    /** By name, in ASCII order. */
    NAME,
    /** The largest first. */
    SIZE,
    /** The one that was used last first. */
    USED
  }

  /**
   * Which repositories are wanted.
   *
   * @param prefix how their names begin, up to a slash; empty for all
   * @param part a text that their names contain; empty for all
   * @param after the last one of the page before, or null to begin
   */
  public record Wanted(String prefix, String part, Order order, @Nullable RepositoryName after) {
    private Wanted fromTheFirst() {
      return new Wanted(prefix, part, order, null);
    }
  }

  /**
   * The repositories with a link, in ASCII order.
   *
   * @param prefix how their names begin, up to a slash
   * @param after the name before the first one; need not exist
   * @param max 1 to {@link Catalog#MAX_PAGE}
   */
  public List<RepositoryName> names(String prefix, String after, int max) {
    return database.read(
        "listing the repositories",
        session -> LinkTable.repositories(session, prefix, after, Math.min(max, Catalog.MAX_PAGE)));
  }

  /**
   * The names of some repositories that have a link. By size and by use, only the first {@link
   * Catalog#MAX_PAGE} can be listed. To find these reads whole tables, so that they may be a
   * {@linkplain SlowCount while old}.
   *
   * @param max 1 to {@link Catalog#MAX_PAGE}
   */
  public List<RepositoryName> page(Wanted wanted, int max) {
    int most = Math.min(max, Catalog.MAX_PAGE);
    if (wanted.order() == Order.NAME) {
      return database.read(
          "listing the repositories by name",
          session -> RepositoryTable.byName(session, wanted, most));
    }
    List<RepositoryName> all = ranking(wanted.fromTheFirst()).get();
    int first = wanted.after() == null ? 0 : all.indexOf(wanted.after()) + 1;
    boolean isLost = wanted.after() != null && first == 0; // nobody can tell what came after it
    return isLost ? List.of() : all.subList(first, Math.min(first + most, all.size()));
  }

  /** The ranking that was asked for last is kept, because people turn its pages. */
  private synchronized SlowCount<List<RepositoryName>> ranking(Wanted wanted) {
    SlowCount<List<RepositoryName>> known = ranking;
    if (known == null || !wanted.equals(ranked)) {
      known = new SlowCount<>(() -> rank(wanted), System::nanoTime);
      ranking = known;
      ranked = wanted;
    }
    return known;
  }

  private List<RepositoryName> rank(Wanted wanted) {
    return List.copyOf(
        database.read(
            "listing the repositories by " + wanted.order(),
            session -> RepositoryTable.ranked(session, wanted, Catalog.MAX_PAGE)));
  }

  /** What is held of some repositories, in the same order. Those without a link are left out. */
  public List<RepositoryEntry> entries(List<RepositoryName> repositories) {
    List<RepositoryEntry> entries = new ArrayList<>();
    for (int i = 0; i < repositories.size(); i += BATCH) {
      List<RepositoryName> batch =
          repositories.subList(i, Math.min(i + BATCH, repositories.size()));
      entries.addAll(
          database.read(
              "counting " + batch.size() + " repositories",
              session -> RepositoryTable.entries(session, batch)));
    }
    return entries;
  }

  /** Whether a repository has a link. */
  public boolean holds(RepositoryName repository) {
    return database.read(
        "finding the repository " + repository, s -> RepositoryTable.holds(s, repository));
  }

  /**
   * How many bytes the repositories of each upstream hold, by the name in front of theirs. A blob
   * that two upstreams have counts for both.
   */
  public Map<String, Long> bytesOfUpstreams() {
    return upstreams.get();
  }
}
