package io.entrepot.cluster;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which other nodes are down, to notice when one more is. A node that stops leaves no row; one that
 * is down has died, maybe in the middle of a change. One thread.
 */
final class DeadNodes {
  private final String self;
  private @Nullable Set<String> known;

  /**
   * Knows of none yet.
   *
   * @param self the name of this node
   */
  DeadNodes(String self) {
    this.self = self;
  }

  /**
   * Whether a node has died since the last look, and this node is to repair what it left. That is
   * the first of those that are up. What the first look finds dead is no news: a start repairs all.
   */
  boolean look(List<Membership.Node> nodes) {
    Set<String> before = known;
    Set<String> down =
        nodes.stream()
            .filter(node -> !node.isUp())
            .map(Membership.Node::name)
            .collect(Collectors.toUnmodifiableSet());
    known = down;
    return before != null
        && !before.containsAll(down)
        && nodes.stream()
            .filter(Membership.Node::isUp)
            .findFirst()
            .filter(first -> first.name().equals(self))
            .isPresent();
  }
}
