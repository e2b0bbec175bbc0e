package io.entrepot.cache.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.upstream.BrokenResponse;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The contract of every provider of a fill. The test of a provider extends this class and adds its
 * own tests.
 */
@Timeout(60)
abstract class BlobProviderContract {
  static final byte[] BLOB = BlobCacheFixture.random(300_000);
  static final Digest DIGEST = Digest.ofBytes(Digest.Algorithm.SHA256, BLOB);
  static final Digest ABSENT = Digest.ofBytes(Digest.Algorithm.SHA256, new byte[0]);

  /**
   * Makes a provider of one digest.
   *
   * @param digest the digest of {@link #BLOB}, which exists, or of a blob that does not exist
   * @param maxSize the largest allowed blob in bytes; 0 for no limit
   */
  abstract BlobProvider provider(Digest digest, long maxSize);

  /** Makes the next answer end after so many bytes, before its announced length. */
  abstract void breakAfter(long bytes);

  private BlobProvider provider() {
    return provider(DIGEST, 0);
  }

  /** The bytes from an offset to the end of a body, which may begin before it. */
  private static byte[] from(long offset, UpstreamBody body) throws IOException {
    try (body) {
      byte[] all = body.stream().readAllBytes();
      return Arrays.copyOfRange(all, (int) (offset - body.offset()), all.length);
    }
  }

  @Test
  void wholeBlobBeginsAtItsBeginning() throws Exception {
    UpstreamBody body = provider().fetch(FetchRange.WHOLE);

    assertThat(body.offset()).isZero();
    assertThat(from(0, body)).isEqualTo(BLOB);
  }

  @Test
  void sizeIsThatOfTheWholeBlobWhereItIsTold() throws Exception {
    try (UpstreamBody whole = provider().fetch(FetchRange.WHOLE)) {
      assertThat(whole.blobSize().orElse(BLOB.length)).isEqualTo(BLOB.length);
    }
    try (UpstreamBody part = provider().fetch(new FetchRange(1000, 1999, null))) {
      assertThat(part.blobSize().orElse(BLOB.length)).isEqualTo(BLOB.length);
    }
  }

  /** A provider may send more than requested. The offset of the body shows that. */
  @Test
  void rangeIsInTheBodyFromItsOffsetOn() throws Exception {
    UpstreamBody body = provider().fetch(new FetchRange(1000, 1999, null));

    assertThat(body.offset()).isLessThanOrEqualTo(1000);
    assertThat(Arrays.copyOf(from(1000, body), 1000))
        .isEqualTo(Arrays.copyOfRange(BLOB, 1000, 2000));
  }

  @Test
  void rangeToTheEndGivesTheEnd() throws Exception {
    UpstreamBody body = provider().fetch(new FetchRange(299_000, Long.MAX_VALUE, null));

    assertThat(from(299_000, body)).isEqualTo(Arrays.copyOfRange(BLOB, 299_000, BLOB.length));
  }

  @Test
  void breakIsToldAndTheRestCompletesWhatHasCome() throws Exception {
    BlobProvider provider = provider();
    breakAfter(200_000);
    byte[] begun = new byte[200_000];
    BrokenResponse broken;
    try (UpstreamBody body = provider.fetch(FetchRange.WHOLE)) {
      assertThat(body.stream().readNBytes(begun, 0, begun.length)).isEqualTo(begun.length);
      assertThatExceptionOfType(IOException.class).isThrownBy(() -> body.stream().read());
      broken = body.asBroken();
    }

    UpstreamBody rest = provider.fetch(new FetchRange(200_000, Long.MAX_VALUE, broken));

    assertThat(begun).isEqualTo(Arrays.copyOf(BLOB, begun.length));
    assertThat(from(200_000, rest)).isEqualTo(Arrays.copyOfRange(BLOB, 200_000, BLOB.length));
  }

  @Test
  void bodyMayBeClosedBeforeItsEndAndAskedForAgain() throws Exception {
    BlobProvider provider = provider();
    try (UpstreamBody body = provider.fetch(FetchRange.WHOLE)) {
      assertThat(body.stream().read()).isEqualTo(Byte.toUnsignedInt(BLOB[0]));
    }

    assertThat(from(0, provider.fetch(FetchRange.WHOLE))).isEqualTo(BLOB);
  }

  @Test
  void blobThatIsNotThereIsNotFound() {
    assertThatExceptionOfType(UpstreamException.class)
        .isThrownBy(() -> provider(ABSENT, 0).fetch(FetchRange.WHOLE))
        .satisfies(e -> assertThat(e.failure()).isEqualTo(Failure.NOT_FOUND))
        .withMessageContaining(ABSENT.toString());
  }

  @Test
  void sizeAboveTheLimitIsRefusedAndSizesBelowOrUnknownPass() {
    BlobProvider limited = provider(DIGEST, 1000);
    limited.checkSize(1000);
    limited.checkSize(-1);

    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> limited.checkSize(1001))
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.DENIED))
        .withMessageContaining("1000");
  }

  @Test
  void anySizePassesWithoutALimit() {
    provider().checkSize(Long.MAX_VALUE);
  }
}
