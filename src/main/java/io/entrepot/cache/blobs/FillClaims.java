package io.entrepot.cache.blobs;

import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.FillKey;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says which node of a cluster fetches a blob from its upstream, and gets the bytes from that node.
 * A claim saves work and is no right: two nodes that fetch one blob are waste, and never wrong. All
 * methods block. Thread-safe.
 */
public interface FillClaims {
  /**
   * Who fetches a blob, or was the last to do so.
   *
   * @param address the URL of that node
   * @param isOwn whether that node is this one
   * @param fence another number each time that somebody takes the claim
   */
  record Claim(FillKey key, String node, URI address, boolean isOwn, long fence) {}

  /**
   * Takes the claim for a blob, unless another node that is up has it.
   *
   * @param lost a claim of another node that is taken all the same, because that node sends
   *     nothing; null for none
   * @return who has the claim now; empty if nobody can tell
   */
  Optional<Claim> take(FillKey key, @Nullable Claim lost);

  /**
   * Notes that a fill of this node has ended.
   *
   * @param stored whether this node has the blob now, so that others may get it from here
   */
  void end(Claim own, boolean stored);

  /**
   * Asks the node that has a claim for its bytes, those that are still to come included.
   *
   * @param repository for which the bytes are wanted, if that node must know that it may have them;
   *     null if this node has asked the upstream
   * @throws UnconfirmedException if that node does not know it
   * @throws UpstreamException if it sends nothing
   */
  UpstreamBody follow(Claim claim, FetchRange range, @Nullable RepositoryName repository)
      throws UpstreamException, UnconfirmedException;

  /** The other node does not know that the repository may have the blob. */
  final class UnconfirmedException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnconfirmedException(String message) {
      super(message);
    }
  }
}
