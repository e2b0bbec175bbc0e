package io.entrepot.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.LogLines;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the scrub says of blobs that are gone when it comes to them (F30) or damaged (F5). */
class ScrubTest {
  private static final RepositoryName APP = RepositoryName.of("team/app");
  private static final byte[] BYTES = "goods".getBytes(UTF_8);
  private static final Digest BLOB = Digest.ofBytes(Digest.Algorithm.SHA256, BYTES);

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final LogLines log = LogLines.of("io.entrepot");
  private TestContent here;

  @BeforeEach
  void open() throws Exception {
    here = TestContent.open(folder, Duration.ZERO, 0, clock);
    here.putUnknownToMemory(APP, BLOB, BYTES);
    clock.advance(Duration.ofDays(2));
  }

  @AfterEach
  void close() throws Exception {
    log.close();
    here.close();
  }

  @Test
  void blobThatIsEvictedBesideItIsNotDamaged() {
    Scrub scrub = scrubAfter(() -> here.evict(BLOB));

    assertThat(scrub.progress().damaged()).isZero();
    assertThat(scrub.progress().passEndedAt()).isNotNull();
    assertThat(log.with("")).isEmpty();
  }

  @Test
  void blobThatIsMissingIsNamed() {
    Scrub scrub = scrubAfter(() -> here.removeBytes(BLOB));

    assertThat(scrub.progress().damaged()).isZero();
    assertThat(log.with("is missing in the store"))
        .singleElement()
        .asString()
        .startsWith("SEVERE Blob " + BLOB);
  }

  @Test
  void blobThatIsDamagedIsNamedAndCounted() {
    Scrub scrub = scrubAfter(() -> here.damage(BLOB, "bads!".getBytes(UTF_8)));

    assertThat(scrub.progress().damaged()).isEqualTo(1);
    assertThat(log.with(BLOB + " in the store is damaged")).hasSize(1);
  }

  /** Runs one pass. The change is made after the pass has listed its blobs. */
  private Scrub scrubAfter(Runnable change) {
    Scrub.Rest noRest =
        new Scrub.Rest() {
          @Override
          public void afterReading(long bytes) {}

          @Override
          public void idle(Duration duration) {}
        };
    boolean[] changed = {false};
    Scrub scrub =
        new Scrub(
            here.fromTheTables(),
            here.content,
            () -> {
              if (!changed[0]) {
                changed[0] = true;
                change.run();
              }
              return false;
            },
            Duration.ofDays(1),
            noRest,
            clock);
    scrub.run();
    return scrub;
  }
}
