package io.entrepot.expiry;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;

/**
 * Measures how long it takes to choose what makes room among many images, each of a manifest, a
 * layer of its own, and a layer that all share: where the oldest may go, and where a tenth of all
 * is older and pinned. Run by {@code bench/run room}; prints one line of JSON.
 */
final class RoomBench extends RemoverFixture {
  private static final int BATCH = 1_000;
  private static final int REMOVED = 50;
  private static final int REPOSITORIES = 1_000;
  private static final long MANIFEST = 100;
  private static final String SHARED = "'sha256:" + "c".repeat(64) + "'";

  private final int images;

  private RoomBench(int images) {
    this.images = images;
  }

  public static void main(String[] arguments) throws Exception {
    folder = Files.createDirectories(Path.of(arguments[0]));
    openDatabase();
    try {
      RoomBench bench = new RoomBench(Integer.parseInt(arguments[1]));
      bench.begin();
      bench.fillCatalog();
      bench.choose(); // the JVM compiles what it has seen often enough
      double oldest = bench.choose();
      bench.pinTenth();
      double afterPinned = bench.choose();
      System.out.printf(
          Locale.ROOT,
          "{\"ms to choose %d\": %.1f, \"ms after a tenth that is pinned\": %.1f}%n",
          REMOVED,
          oldest,
          afterPinned);
    } finally {
      closeDatabase();
    }
  }

  private void fillCatalog() throws SQLException {
    execute(
        "INSERT INTO blob (digest, size, added_at, used_at) VALUES (%s, 5, 1, 900000000)"
            .formatted(SHARED));
    for (int first = 0; first < images; first += BATCH) {
      String numbers = "SYSTEM_RANGE(%d, %d)".formatted(first + 1, first + BATCH);
      for (String kind : new String[] {"a", "b"}) {
        execute(
            """
            INSERT INTO blob (digest, size, media_type, added_at, used_at)
            SELECT %s, %d, %s, x, x FROM %s
            """
                .formatted(
                    named(kind),
                    kind.equals("a") ? MANIFEST : SIZE,
                    kind.equals("a") ? "'application/vnd.oci.image.manifest.v1+json'" : "NULL",
                    numbers));
        execute(
            """
            INSERT INTO link (repository, digest, kind, fetched_at, last_used)
            SELECT 'team/app' || MOD(x, %d), %s, '%s', x, x FROM %s
            """
                .formatted(
                    REPOSITORIES, named(kind), kind.equals("a") ? "MANIFEST" : "BLOB", numbers));
      }
      for (String child : new String[] {named("b"), SHARED}) {
        execute(
            "INSERT INTO child (parent, child) SELECT %s, %s FROM %s"
                .formatted(named("a"), child, numbers));
      }
    }
  }

  /** The oldest of those that are left get a pinned tag. */
  private void pinTenth() throws SQLException {
    execute(
        """
        INSERT INTO link (repository, digest, kind, fetched_at, last_used)
        SELECT '%s', digest, 'MANIFEST', used_at, used_at FROM blob
        WHERE media_type IS NOT NULL ORDER BY used_at LIMIT %d
        """
            .formatted(APP, images / 10));
    execute(
        """
        INSERT INTO tag (repository, tag, digest, resolved_at)
        SELECT repository, 'pinned-' || last_used, digest, 1 FROM link WHERE repository = '%s'
        """
            .formatted(APP));
  }

  private static String named(String end) {
    return "'sha256:' || LPAD(CAST(x AS VARCHAR), 63, '0') || '" + end + "'";
  }

  /** Makes room; returns how many milliseconds that took. */
  private double choose() throws Exception {
    long begun = System.nanoTime();
    long freed = remover.makeRoom(REMOVED * (SIZE + MANIFEST));
    double taken = (System.nanoTime() - begun) / 1e6;
    if (freed != REMOVED * (SIZE + MANIFEST)) {
      throw new IllegalStateException(freed + " bytes have come back");
    }
    return taken;
  }
}
