package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKey;
import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.BlobSource;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.StoredBlob;
import io.entrepot.store.file.TestStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinkedBlobTest {
  private static final byte[] BLOB = new byte[1];
  private static final Digest DIGEST = Digest.ofBytes(Algorithm.SHA256, BLOB);

  @TempDir Path root;
  private TestStore files;
  private StoredBlob blob;

  @BeforeEach
  void store() throws IOException {
    files = TestStore.open(root);
    blob = files.store().put(DIGEST, BLOB);
  }

  @AfterEach
  void close() throws IOException {
    files.close();
  }

  @Test
  void blobThatCannotBeOpenedNowIsUnavailable() {
    blob = new WithoutDescriptors(blob);
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> stored().open(null, CacheOutcome.HIT))
        .satisfies(
            e -> {
              assertThat(e.error()).isEqualTo(OciError.UNAVAILABLE);
              assertThat(e.retryAfter()).contains(ClientErrors.SOON);
            })
        .withMessageContaining(DIGEST.toString());
  }

  @Test
  void blobThatIsGoneIsAskedForAgain() throws IOException {
    assertThat(files.store().removeUnless(DIGEST, () -> false)).isTrue();
    assertThatExceptionOfType(BlobGoneException.class)
        .isThrownBy(() -> stored().open(null, CacheOutcome.HIT));
  }

  /** A blob of a process that cannot open any file now (F6). */
  private record WithoutDescriptors(StoredBlob blob) implements StoredBlob {
    @Override
    public Digest digest() {
      return blob.digest();
    }

    @Override
    public long size() {
      return blob.size();
    }

    @Override
    public BlobSource open() throws IOException {
      throw new IOException("Too many open files");
    }

    @Override
    public long held() {
      return 0;
    }

    @Override
    public boolean isSound() throws IOException {
      return blob.isSound();
    }

    @Override
    public byte[] readSound() throws IOException {
      throw new IOException("Too many open files");
    }

    @Override
    public Optional<Path> localFile() {
      return Optional.empty();
    }
  }

  private LinkedBlob stored() {
    Instant now = Instant.EPOCH;
    RepositoryName repository = RepositoryName.of("team/app");
    Link link = new Link(new LinkKey(repository, DIGEST, LinkKind.BLOB), 1, null, now, now, now);
    return new LinkedBlob(link, blob);
  }
}
