package io.entrepot.cache;

import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.store.BlobStore;
import io.entrepot.store.FarBlob;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content that the store has, but not near. It is found only for a repository that has a link
 * to it (S5). A blob comes back by a fill, and a manifest at once. Thread-safe.
 */
public final class FarContent {
  private static final Logger log = LoggerFactory.getLogger(FarContent.class);

  /** How many manifests come back at once: half of the threads that look them up. */
  private static final int MAX_RETURNING = 4;

  private final LocalContent content;
  private final BlobStore store;
  private final CatalogCalls calls;
  private final Semaphore returning = new Semaphore(MAX_RETURNING);

  FarContent(LocalContent content, BlobStore store, CatalogCalls calls) {
    this.content = content;
    this.store = store;
    this.calls = calls;
  }

  /** Whether clients may be sent to the store. */
  public boolean sendsClients() {
    return store.sendsClients();
  }

  /** Finds a blob for a repository. Queries the database. */
  public Optional<FarBlob> find(RepositoryName repository, Digest digest) {
    return find(repository, digest, LinkKind.BLOB);
  }

  private Optional<FarBlob> find(RepositoryName repository, Digest digest, LinkKind kind) {
    try {
      return calls
          .ask(() -> store.findFar(digest))
          .filter(far -> content.findLink(repository, digest, kind).isPresent());
    } catch (OciException e) {
      return Optional.empty(); // the upstream has it too, and does not need the database
    }
  }

  /**
   * Brings a manifest back. Queries the database, and blocks on the store. While others come back,
   * it may do nothing; the upstream has the manifest too.
   */
  public Optional<LinkedBlob> bringBack(RepositoryName repository, Digest digest) {
    Optional<FarBlob> far = find(repository, digest, LinkKind.MANIFEST);
    if (far.isEmpty() || far.get().size() > Manifest.MAX_BYTES || !returning.tryAcquire()) {
      return Optional.empty();
    }
    try (InputStream in = far.get().open(0, Long.MAX_VALUE)) {
      Object unused = store.put(digest, in.readNBytes((int) far.get().size()));
    } catch (CorruptBlobException e) {
      far.get().wasWrong();
    } catch (IOException e) {
      log.info("Manifest {} does not come back from the store: {}", digest, e.getMessage());
    } finally {
      returning.release();
    }
    return content.find(repository, digest, LinkKind.MANIFEST);
  }
}
