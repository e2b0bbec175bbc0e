package io.entrepot.catalog;

import io.entrepot.database.Session;
import io.entrepot.oci.Digest;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A walk from an image along its references, which finds what goes with it. From an index it leads
 * to the manifests, from these to their blobs, and from each of them to its referrers. Something
 * goes if all manifests that list it go. Used once, by one thread.
 */
final class RemovalPlan {
  /**
   * How much goes at once. What is left of a larger image is looked at again later, by itself. The
   * largest images have some hundred parts.
   */
  static final int MAX_PARTS = 20_000;

  private final Session session;
  private final @Nullable RepositoryRange range;
  private final Images.Keeping keeping;
  private final Map<Digest, Removal.Part> going = new LinkedHashMap<>();
  private final Deque<Digest> next = new ArrayDeque<>();
  private final Set<Digest> awaited = new HashSet<>();
  private long usedAt;

  RemovalPlan(Session session, @Nullable RepositoryRange range, Images.Keeping keeping) {
    this.session = session;
    this.range = range;
    this.keeping = keeping;
  }

  Removal of(Digest image) throws SQLException {
    Optional<ReferenceTable.Node> root = ReferenceTable.find(session, image);
    if (root.isPresent() && isInScope(root.get()) && !isKept(root.get())) {
      go(root.get());
    }
    Optional<ReferenceTable.Node> subject = ReferenceTable.subject(session, image);
    subject.ifPresent(this::noteUse);
    while (!next.isEmpty()) {
      Digest manifest = next.remove();
      consider(ReferenceTable.listed(session, manifest));
      consider(ReferenceTable.referrers(session, manifest));
    }
    return new Removal(
        image,
        Optional.ofNullable(range),
        List.copyOf(going.values()),
        Set.copyOf(awaited),
        subject.filter(node -> !going.containsKey(node.digest())).isPresent(),
        usedAt);
  }

  private void consider(List<ReferenceTable.Node> nodes) throws SQLException {
    for (ReferenceTable.Node node : nodes) {
      if (!node.isHere()) {
        awaited.add(node.digest());
      } else if (going.size() < MAX_PARTS
          && !going.containsKey(node.digest())
          && isInScope(node)
          && !isListedByOthers(node)
          && !isKept(node)) {
        go(node);
      }
    }
  }

  private void go(ReferenceTable.Node node) throws SQLException {
    Digest digest = node.digest();
    boolean freed = range == null || !LinkTable.existsElsewhere(session, digest, range);
    going.put(digest, new Removal.Part(digest, node.size(), freed));
    next.add(digest);
    noteUse(node);
  }

  private void noteUse(ReferenceTable.Node node) {
    usedAt = Math.max(usedAt, node.usedAt());
  }

  private boolean isInScope(ReferenceTable.Node node) throws SQLException {
    return range == null || LinkTable.exists(session, node.digest(), range);
  }

  /** Of one more manifest than go, one stays. */
  private boolean isListedByOthers(ReferenceTable.Node node) throws SQLException {
    List<Digest> listing = ReferenceTable.listing(session, node.digest(), range, going.size() + 1);
    return !going.keySet().containsAll(listing);
  }

  private boolean isKept(ReferenceTable.Node node) throws SQLException {
    return node.isManifest()
        && TagTable.pointing(session, node.digest()).stream()
            .anyMatch(tag -> Images.keeps(tag, range, keeping));
  }
}
