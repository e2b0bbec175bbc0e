package io.entrepot.boot;

import io.entrepot.access.TokenKeys;
import io.entrepot.admin.ClusterStatistics;
import io.entrepot.admin.ProcessMeters;
import io.entrepot.cache.blobs.FillClaims;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.KeptTexts;
import io.entrepot.catalog.Others;
import io.entrepot.cluster.ClusterException;
import io.entrepot.cluster.ClusterFills;
import io.entrepot.cluster.ClusterSecret;
import io.entrepot.cluster.Membership;
import io.entrepot.cluster.Pulse;
import io.entrepot.cluster.SignedRequests;
import io.entrepot.config.Settings;
import io.entrepot.database.ChangeFeed;
import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import io.entrepot.database.DatabaseException;
import io.entrepot.http.FillsServlet;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.wire.UpstreamTls;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What makes this cache a node of a cluster: its row, and what it is told by the others. */
final class ClusterNode implements ClusterStatistics.Members, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ClusterNode.class);
  private static final String KEYS = "token-keys";

  private final Settings.Cluster settings;
  private final ClusterSecret secret;
  private final Membership membership;
  private final ChangeFeed feed;
  private final Pulse pulse;
  private final SignedRequests signed;
  private final ClusterFills fills;
  private volatile @Nullable Memory memory;
  private volatile @Nullable TokenKeys keys;

  /**
   * How other nodes are asked for what they fetch.
   *
   * @param connections how many there may be to one node: as many as there are fills
   * @param timer ends requests that take too long
   */
  record Following(int connections, ScheduledExecutorService timer) {}

  /** What this node remembers, and the others may change. */
  interface Memory {
    Catalog catalog();

    /** Reads the pins again. */
    void pinsChanged();

    /** Deletes blobs that the catalog does not know any more, on threads of its own. */
    void blobsGone(List<Digest> digests);

    /** Another node tells something of an upstream, or what only a later version knows. */
    void upstreamChanged(ChangeFeed.Change change);

    /** Something may have happened that this node was not told. */
    void mayBeWrong();

    /** Another node has died, and this one is to repair what it left half done. */
    void nodeDied();
  }

  /**
   * Joins the cluster. Makes its tables.
   *
   * @param following how other nodes are asked for what they fetch
   * @throws StartException if this node may not join; then nothing was written
   */
  ClusterNode(
      Settings.Cluster settings,
      DataSource dataSource,
      ThreadFactory factory,
      Following following,
      Clock clock) {
    this.settings = settings;
    secret = new ClusterSecret(settings.secret().reveal());
    Database database = new Database(dataSource);
    String mark = secret.mark();
    Membership.Node self =
        new Membership.Node(
            settings.node(),
            settings.address().toString(),
            ProcessMeters.version(),
            clock.instant(),
            Duration.ZERO);
    try {
      if (!Database.isPostgresql(dataSource)) {
        throw new StartException(
            "cluster.address: nodes share a PostgreSQL; set database.url, or bind one as"
                + " datasource");
      }
      Membership.check(database, mark, clock);
      Changes.makeTables(dataSource, clock);
      membership = Membership.join(database, self, mark);
    } catch (ClusterException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (DatabaseException e) {
      throw new StartException("cluster.address: " + e.getMessage(), e);
    }
    feed =
        new ChangeFeed(
            dataSource,
            settings.node(),
            settings.outage(),
            System::nanoTime,
            this::changed,
            this::allChanged);
    pulse = new Pulse(feed, membership, this::nodeDied, factory);
    signed = new SignedRequests(secret, settings.node(), clock, new SecureRandom());
    fills =
        new ClusterFills(
            database,
            settings.node(),
            signed,
            options ->
                options
                    .withMaxConnections(following.connections())
                    .withTls(new UpstreamTls(settings.authorities(), null, false)),
            following.timer());
  }

  @Override
  public String self() {
    return settings.node();
  }

  @Override
  public List<Membership.Node> nodes() {
    return membership.nodes();
  }

  @Override
  public Map<String, Long> claims() {
    return membership.claims();
  }

  @Override
  public Optional<Duration> lag() {
    return feed.lag();
  }

  @Override
  public long received() {
    return fills.received();
  }

  /** What other nodes fetch. */
  FillClaims fills() {
    return fills;
  }

  /** Checks what other nodes ask. */
  FillsServlet.NodeCheck check() {
    return (method, path, headers) -> signed.check(method, path, headers::get);
  }

  /** Ends all connections to other nodes. */
  void unfollow() {
    fills.close();
  }

  /** What the catalog tells the others, and whether its memory counts. */
  Others others() {
    return new Others(Changes.of(self()), feed);
  }

  /** All nodes have the same keys for tokens. */
  Keyring keyring(KeptTexts texts) {
    String issuer = secret.mark().substring(0, 32);
    return new Keyring(new SharedKeys(texts, secret), issuer, "cluster.secretfile", this::use);
  }

  private void use(TokenKeys opened) {
    keys = opened;
  }

  /** Begins to listen to the others. */
  void start(Memory remembered) {
    memory = remembered;
    pulse.start();
  }

  private void changed(List<ChangeFeed.Change> changes) {
    Memory here = memory;
    if (here == null) {
      return;
    }
    List<Digest> gone = new ArrayList<>();
    for (ChangeFeed.Change change : changes) {
      if (here.catalog().forget(change)) {
        continue;
      }
      switch (change.kind()) {
        case Others.PINS -> here.pinsChanged();
        case Others.BLOB -> gone.add(Digest.of(change.changed()));
        case Others.TEXT -> readKeys(change.changed());
        default -> here.upstreamChanged(change);
      }
    }
    if (!gone.isEmpty()) {
      here.blobsGone(gone);
    }
  }

  private void allChanged() {
    Memory here = memory;
    if (here != null) {
      here.catalog().forgetMemory();
      here.pinsChanged();
      here.mayBeWrong();
      readKeys(KEYS);
    }
  }

  private void nodeDied() {
    Memory here = memory;
    if (here != null) {
      here.nodeDied();
    }
  }

  private void readKeys(String name) {
    TokenKeys own = keys;
    if (own != null && name.equals(KEYS)) {
      try {
        own.readAgain();
      } catch (IOException | DatabaseException e) {
        log.warn("New keys for tokens could not be read; tokens of other nodes may be refused", e);
      }
    }
  }

  @Override
  public void close() {
    pulse.close();
  }

  /** The keys of all nodes, in the database. Only those who know the secret can read them. */
  private record SharedKeys(KeptTexts texts, ClusterSecret secret) implements TokenKeys.Place {
    @Override
    public Optional<String> read() throws IOException {
      Optional<String> sealed = texts.find(KEYS);
      return sealed.isEmpty() ? Optional.empty() : Optional.of(secret.open(sealed.get()));
    }

    @Override
    public String replace(Optional<String> before, String after) throws IOException {
      String sealed = secret.seal(after);
      Optional<String> present = texts.find(KEYS);
      boolean same =
          present.isEmpty()
              ? before.isEmpty()
              : before.isPresent() && secret.open(present.get()).equals(before.get());
      return same
          ? secret.open(texts.replace(KEYS, present.orElse(null), sealed))
          : read().orElse(after);
    }

    @Override
    public String toString() {
      return "the database";
    }
  }
}
