package io.entrepot.admin;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.entrepot.cluster.Membership;
import io.entrepot.database.DatabaseException;
import io.entrepot.database.Schema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What several nodes have in common: who they are, their tables, how far this one is behind the
 * others, and what waits to be put into the bucket. Asks the database. Thread-safe.
 */
public final class ClusterStatistics {
  private final Optional<Members> members;
  private final Optional<Supplier<BucketState>> bucket;
  private final Supplier<List<Schema.Present>> tables;
  private final Clock clock;

  /** The nodes, as one of them knows them. */
  public interface Members {
    /** The name of this node. */
    String self();

    /** All nodes, also those that are down. */
    List<Membership.Node> nodes();

    /** How many blobs each node fetches, or has fetched within the last hour, by its name. */
    Map<String, Long> claims();

    /** How old the last look at what the others have changed is; empty before the first. */
    Optional<Duration> lag();

    /** How many bytes of blobs other nodes have sent to this one since the start. */
    long received();
  }

  /**
   * Wires the sources.
   *
   * @param members empty if this node is alone
   * @param bucket empty if there is none
   * @param tables the tables of the database
   */
  public ClusterStatistics(
      Optional<Members> members,
      Optional<Supplier<BucketState>> bucket,
      Supplier<List<Schema.Present>> tables,
      Clock clock) {
    this.members = members;
    this.bucket = bucket;
    this.tables = tables;
    this.clock = clock;
  }

  /**
   * The cluster at one moment.
   *
   * @param node the name of this node, or null if it is alone
   * @param nodes all nodes by name; empty if this one is alone
   * @param tables the tables of the database, one entry for each component
   * @param changesLagMillis how old the last look at what other nodes have changed is, in
   *     milliseconds; null if this node is alone, or before the first look
   * @param receivedBytes how many bytes of blobs other nodes have sent to this one since its start
   * @param bucket null if there is none
   * @param unread what could not be read from the database, and why
   */
  public record ClusterState(
      @Nullable String node,
      List<NodeInfo> nodes,
      List<Tables> tables,
      @Nullable Long changesLagMillis,
      long receivedBytes,
      @Nullable BucketState bucket,
      List<String> unread) {}

  /**
   * A node.
   *
   * @param address the URL by which other nodes reach it
   * @param self whether it is the one that answers
   * @param claims how many blobs it fetches for all nodes, or has fetched within the last hour
   */
  public record NodeInfo(
      String name,
      String address,
      String version,
      @JsonUnwrapped Life life,
      boolean self,
      long claims) {}

  /**
   * How a node is.
   *
   * @param since when it was started, in ISO 8601
   * @param lastSeen when it last said that it is up, in ISO 8601
   * @param up whether that was within the last ten seconds
   * @param unseen for how long it was not seen, which is not shown
   */
  public record Life(String since, String lastSeen, boolean up, @JsonIgnore Duration unseen) {
    /** Who is down for an hour was taken away and not lost. */
    private static final Duration MISSED = Duration.ofHours(1);

    /** Whether it went without a word, and not long ago. */
    boolean isMissed() {
      return !up && unseen.compareTo(MISSED) < 0;
    }
  }

  /**
   * The tables of one component.
   *
   * @param component such as catalog
   * @param version of the tables
   * @param oldest the lowest version that a node must know to use them
   */
  public record Tables(String component, int version, int oldest) {}

  /**
   * The bucket, and what waits to be put into it.
   *
   * @param name of the bucket, with the prefix
   * @param waiting how many blobs of all nodes wait
   * @param waitingHere how many of them this node has
   * @param waitingBytes the sizes of all that wait
   * @param oldestSeconds for how long the first of them waits; 0 if none does
   * @param trouble why the bucket fails now, or null if it does not
   * @param lastError why it has failed last, since the start of this node; null if it never has
   */
  public record BucketState(
      String name,
      long waiting,
      long waitingHere,
      long waitingBytes,
      long oldestSeconds,
      @Nullable String trouble,
      @Nullable String lastError) {}

  /** Whether this is a node of a cluster. */
  boolean hasNodes() {
    return members.isPresent();
  }

  boolean hasBucket() {
    return bucket.isPresent();
  }

  /** How old the last look at what the others have changed is. Does not ask the database. */
  Optional<Duration> lag() {
    return members.flatMap(Members::lag);
  }

  /** The names of the nodes that are up, or of those that are down. Asks the database. */
  List<String> names(boolean up) {
    return members.map(Members::nodes).orElse(List.of()).stream()
        .filter(node -> node.isUp() == up)
        .map(Membership.Node::name)
        .toList();
  }

  /** How many bytes other nodes have sent to this one. Does not ask the database. */
  long received() {
    return members.map(Members::received).orElse(0L);
  }

  /** Looks now. Of what cannot be read the reason is told. */
  public ClusterState state() {
    List<String> unread = new ArrayList<>();
    Members here = members.orElse(null);
    List<Membership.Node> nodes =
        here == null ? List.of() : readable(here::nodes, List.of(), unread);
    Map<String, Long> claims = here == null ? Map.of() : readable(here::claims, Map.of(), unread);
    return new ClusterState(
        here == null ? null : here.self(),
        nodes.stream().map(node -> info(node, here, claims.getOrDefault(node.name(), 0L))).toList(),
        readable(tables, List.<Schema.Present>of(), unread).stream()
            .map(each -> new Tables(each.component(), each.version(), each.oldest()))
            .toList(),
        here == null ? null : here.lag().map(Duration::toMillis).orElse(null),
        received(),
        bucket
            .flatMap(each -> readable(() -> Optional.of(each.get()), Optional.empty(), unread))
            .orElse(null),
        unread);
  }

  private NodeInfo info(Membership.Node node, @Nullable Members here, long claims) {
    Instant seen = clock.instant().minus(node.seenAgo());
    return new NodeInfo(
        node.name(),
        node.address(),
        node.version(),
        new Life(node.started().toString(), seen.toString(), node.isUp(), node.seenAgo()),
        here != null && node.name().equals(here.self()),
        claims);
  }

  private static <T> T readable(Supplier<T> reading, T otherwise, List<String> unread) {
    try {
      return reading.get();
    } catch (DatabaseException e) {
      unread.add(String.valueOf(e.getMessage()));
      return otherwise;
    }
  }
}
