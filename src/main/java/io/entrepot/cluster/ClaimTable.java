package io.entrepot.cluster;

import io.entrepot.cache.blobs.FillClaims.Claim;
import io.entrepot.database.Database;
import io.entrepot.database.DatabaseException;
import io.entrepot.oci.Digest;
import io.entrepot.spool.FillKey;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The table of claims: which node fetches a blob. A claim has no time of its own. It counts while
 * its node is up, by the row that each node renews ({@link Membership}). So a fill costs two short
 * transactions, however long it takes. Thread-safe.
 */
final class ClaimTable {
  /** No fill waits longer for the database: it can go on without a claim. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(ClaimTable.class);

  private final Database database;
  private final String node;

  /**
   * @param node the name of this node
   */
  ClaimTable(Database database, String node) {
    this.database = database.within(PATIENCE);
    this.node = node;
  }

  /**
   * Takes a claim that nobody has, that this node had before, whose node is down, or that was lost.
   *
   * @return who has it now; empty if the database does not answer
   */
  Optional<Claim> take(FillKey key, @Nullable Claim lost) {
    try {
      return database.write(
          "taking the claim for " + key.digest(),
          session -> {
            int unused =
                session.update(
                    """
                    INSERT INTO fill_claim AS present (upstream, digest, node, fence)
                    VALUES (?, ?, ?, nextval('fill_fence'))
                    ON CONFLICT (upstream, digest) DO UPDATE
                    SET node = EXCLUDED.node, fence = EXCLUDED.fence, at = clock_timestamp()
                    WHERE present.node = EXCLUDED.node OR present.fence = ? OR NOT EXISTS (
                      SELECT 1 FROM node WHERE node.name = present.node
                      AND node.seen > clock_timestamp() - CAST(? AS INTERVAL))
                    """,
                    key.upstream(),
                    key.digest().toString(),
                    node,
                    lost == null ? -1 : lost.fence(),
                    Membership.DOWN.toString());
            return session.find(
                """
                SELECT upstream, digest, node, address, fence FROM fill_claim
                JOIN node ON node.name = fill_claim.node WHERE upstream = ? AND digest = ?
                """,
                this::claim,
                key.upstream(),
                key.digest().toString());
          });
    } catch (DatabaseException e) {
      log.info("Blob {} is fetched without a claim: {}", key.digest(), e.getMessage());
      return Optional.empty();
    }
  }

  private Claim claim(ResultSet row) throws SQLException {
    FillKey key = new FillKey(row.getString(1), Digest.of(row.getString(2)));
    String holder = row.getString(3);
    return new Claim(
        key, holder, URI.create(row.getString(4)), holder.equals(node), row.getLong(5));
  }

  /** Ends a claim. One of a fill that has stored its blob stays for a while, for the others. */
  void end(Claim own, boolean stored) {
    String digest = own.key().digest().toString();
    try {
      int unused =
          database.write(
              "ending the claim for " + digest,
              session ->
                  session.update(
                      (stored
                              ? "UPDATE fill_claim SET at = clock_timestamp()"
                              : "DELETE FROM fill_claim")
                          + " WHERE upstream = ? AND digest = ? AND fence = ?",
                      own.key().upstream(),
                      digest,
                      own.fence()));
    } catch (DatabaseException e) {
      log.debug("A claim is left; this node says that it has nothing when it is asked", e);
    }
  }
}
