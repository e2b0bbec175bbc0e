package io.entrepot.cluster;

import io.entrepot.cache.blobs.FillClaims;
import io.entrepot.database.Database;
import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.FillKey;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.WireOptions;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The fills of all nodes: claims in the database, bytes from the nodes that have them. */
public final class ClusterFills implements FillClaims, AutoCloseable {
  private final ClaimTable claims;
  private final NodeClient nodes;

  /**
   * Begins without connections.
   *
   * @param node the name of this node
   * @param signed signs what other nodes are asked
   * @param options sets how many connections there may be to one node, and whom to trust
   * @param timer ends requests that take too long
   */
  public ClusterFills(
      Database database,
      String node,
      SignedRequests signed,
      UnaryOperator<WireOptions> options,
      ScheduledExecutorService timer) {
    claims = new ClaimTable(database, node);
    nodes = new NodeClient(signed, options, timer);
  }

  @Override
  public Optional<Claim> take(FillKey key, @Nullable Claim lost) {
    return claims.take(key, lost);
  }

  @Override
  public void end(Claim own, boolean stored) {
    claims.end(own, stored);
  }

  @Override
  public UpstreamBody follow(Claim claim, FetchRange range, @Nullable RepositoryName repository)
      throws UpstreamException, UnconfirmedException {
    return nodes.follow(claim, range, repository);
  }

  /** How many bytes of blobs other nodes have sent to this one since the start. */
  public long received() {
    return nodes.received();
  }

  /** Ends all connections to other nodes. Fills that follow them fail. */
  @Override
  public void close() {
    nodes.close();
  }
}
