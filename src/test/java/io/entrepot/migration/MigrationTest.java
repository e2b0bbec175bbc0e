package io.entrepot.migration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.cache.LocalContent;
import io.entrepot.cache.UnindexedBlobs;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.LinkKind;
import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Retention;
import io.entrepot.expiry.quartz.TestLeases;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import io.entrepot.spool.Rooms;
import io.entrepot.store.BlobStore;
import io.entrepot.store.file.TestStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationTest {
  private static final RepositoryName APP = RepositoryName.of("team/app");
  private static final byte[] LAYER = "a layer".getBytes(UTF_8);

  @TempDir Path folder;
  private Path old;
  private TestStore files;
  private BlobStore store;
  private EmbeddedDatabase database;
  private Catalog catalog;
  private Leases leases;
  private LocalContent content;

  @BeforeEach
  void open() throws IOException {
    old = folder.resolve("old");
    files = TestStore.open(folder.resolve("data"));
    store = files.store();
    database = EmbeddedDatabase.open(Files.createDirectories(folder.resolve("data/index")));
    Clock clock = Clock.systemUTC();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    catalog = new Catalog(database.dataSource(), MemoryBudget.ofHeap(), clock);
    leases = TestLeases.open(database.dataSource(), 100, meters);
    Evictor evictor =
        new Evictor(
            catalog,
            leases,
            store::removeUnless,
            digest -> false,
            new Retention(
                TestSources.keptBy(
                    new ExpiryPolicy(Duration.ofDays(7), ExpiryPolicy.Basis.AFTER_USE)),
                List.of(),
                Duration.ZERO),
            clock,
            meters);
    content =
        new LocalContent(
            store,
            catalog,
            new UnindexedBlobs(store, catalog, clock),
            evictor,
            Rooms.NONE,
            Duration.ZERO,
            clock);
  }

  @AfterEach
  void close() throws IOException {
    leases.close();
    catalog.close();
    database.close();
    files.close();
  }

  @Test
  void blobsManifestsAndTagsAreTakenOverAndLeased() throws IOException {
    Digest layer = oldBlob(LAYER);
    Digest manifest = oldBlob(manifest(layer));
    link("_layers/sha256/" + layer.hex(), layer);
    link("_manifests/revisions/sha256/" + manifest.hex(), manifest);
    link("_manifests/tags/v1/current", manifest);
    Map<String, String> before = contents(old);

    new Migration(old, content, files.spool(), name -> name).run();

    assertThat(store.find(layer).orElseThrow().readSound()).isEqualTo(LAYER);
    assertThat(catalog.findLink(APP, layer, LinkKind.BLOB)).isPresent();
    assertThat(catalog.findLink(APP, manifest, LinkKind.MANIFEST).orElseThrow().mediaType())
        .isEqualTo("application/vnd.oci.image.manifest.v1+json");
    assertThat(catalog.tags().find(APP, new Tag("v1")).orElseThrow().digest()).isEqualTo(manifest);
    assertThat(leases.find(layer)).isPresent();
    assertThat(leases.find(manifest)).isPresent();
    assertThat(contents(old)).isEqualTo(before);
    assertThat(folder.resolve("data/spool")).isEmptyDirectory();
  }

  @Test
  void corruptEmptyAndMissingEntriesAreSkippedAndTheRestIsTaken() throws IOException {
    Digest good = oldBlob(LAYER);
    Digest corrupt = oldBlob("corrupt".getBytes(UTF_8));
    Digest empty = oldBlob("empty".getBytes(UTF_8));
    Digest missing = Digest.ofBytes(Algorithm.SHA256, "missing".getBytes(UTF_8));
    Digest broken = oldBlob("{\"not\":".getBytes(UTF_8));
    Files.writeString(data(corrupt), "corrupt!");
    Files.writeString(data(empty), "");
    for (Digest digest : new Digest[] {good, corrupt, empty, missing}) {
      link("_layers/sha256/" + digest.hex(), digest);
    }
    link("_manifests/revisions/sha256/" + broken.hex(), broken);
    link("_manifests/tags/bad/current", broken);

    new Migration(old, content, files.spool(), name -> name).run();

    assertThat(catalog.findLink(APP, good, LinkKind.BLOB)).isPresent();
    for (Digest digest : new Digest[] {corrupt, empty, missing}) {
      assertThat(catalog.findLink(APP, digest, LinkKind.BLOB)).isEmpty();
      assertThat(store.find(digest)).isEmpty();
    }
    assertThat(catalog.findLink(APP, broken, LinkKind.MANIFEST)).isEmpty();
    assertThat(catalog.tags().find(APP, new Tag("bad"))).isEmpty();
  }

  @Test
  void evictionTakesNothingFromTheOldFolder() throws IOException {
    Digest layer = oldBlob(LAYER);
    link("_layers/sha256/" + layer.hex(), layer);
    new Migration(old, content, files.spool(), name -> name).run();
    assertThat(store.removeUnless(layer, () -> false)).isTrue();
    assertThat(Files.readAllBytes(data(layer))).isEqualTo(LAYER);
  }

  @Test
  void secondRunChangesNothing() throws IOException {
    Digest layer = oldBlob(LAYER);
    link("_layers/sha256/" + layer.hex(), layer);
    new Migration(old, content, files.spool(), name -> name).run();
    new Migration(old, content, files.spool(), name -> name).run();
    assertThat(catalog.links(layer)).hasSize(1);
  }

  /** A link in the folder proves nothing about bytes that another upstream has sent (S30). */
  @Test
  void bytesOfAnotherUpstreamAreTakenFromTheFolderOrNotAtAll() throws IOException {
    Digest shared = oldBlob(LAYER);
    byte[] secret = "a secret".getBytes(UTF_8);
    Digest elsewhere = Digest.ofBytes(Algorithm.SHA256, secret);
    RepositoryName other = RepositoryName.of("lab/app");
    store.put(shared, LAYER);
    store.put(elsewhere, secret);
    for (Digest digest : new Digest[] {shared, elsewhere}) {
      catalog.link(other, digest, LinkKind.BLOB, 8, null, Instant.now());
      link("_layers/sha256/" + digest.hex(), digest);
    }

    new Migration(old, content, files.spool(), name -> name).run();

    assertThat(catalog.findLink(APP, shared, LinkKind.BLOB)).isPresent();
    assertThat(catalog.findLink(APP, elsewhere, LinkKind.BLOB)).isEmpty();
    assertThat(store.find(elsewhere).orElseThrow().readSound()).isEqualTo(secret);
  }

  @Test
  void folderOfSomethingElseIsRefused() {
    assertThatThrownBy(() -> new Migration(folder, content, files.spool(), name -> name).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("docker/registry/v2");
  }

  /** Whoever may write to the old folder must not lead out of it by a link (S38). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker/registry/v2/blobs",
        "docker/registry/v2/blobs/sha256",
        "docker/registry/v2/blobs/sha256/AA/DIGEST",
        "docker/registry/v2/blobs/sha256/AA/DIGEST/data",
        "docker/registry/v2/repositories/team",
        "docker/registry/v2/repositories/team/app",
        "docker/registry/v2/repositories/team/app/_layers",
        "docker/registry/v2/repositories/team/app/_layers/sha256",
        "docker/registry/v2/repositories/team/app/_layers/sha256/DIGEST",
        "docker/registry/v2/repositories/team/app/_layers/sha256/DIGEST/link"
      })
  void nothingBehindASymbolicLinkIsTaken(String place) throws IOException {
    Digest layer = oldBlob(LAYER);
    Digest manifest = oldBlob(manifest(layer));
    link("_layers/sha256/" + layer.hex(), layer);
    link("_manifests/revisions/sha256/" + manifest.hex(), manifest);
    String path = place.replace("AA", layer.hex().substring(0, 2)).replace("DIGEST", layer.hex());
    behindALink(old.resolve(path));

    new Migration(old, content, files.spool(), name -> name).run();

    assertThat(store.find(layer)).isEmpty();
    assertThat(catalog.links(layer)).isEmpty();
    assertThat(folder.resolve("data/spool")).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker/registry/v2/repositories/team/app/_manifests/tags",
        "docker/registry/v2/repositories/team/app/_manifests/tags/v1",
        "docker/registry/v2/repositories/team/app/_manifests/tags/v1/current",
        "docker/registry/v2/repositories/team/app/_manifests/tags/v1/current/link"
      })
  void tagBehindASymbolicLinkIsNotTaken(String place) throws IOException {
    Digest manifest = oldBlob(manifest(oldBlob(LAYER)));
    link("_manifests/revisions/sha256/" + manifest.hex(), manifest);
    link("_manifests/tags/v1/current", manifest);
    behindALink(old.resolve(place));

    new Migration(old, content, files.spool(), name -> name).run();

    assertThat(catalog.findLink(APP, manifest, LinkKind.MANIFEST)).isPresent();
    assertThat(catalog.tags().find(APP, new Tag("v1"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker", "docker/registry", "docker/registry/v2/repositories"})
  void folderBehindASymbolicLinkIsNoRegistrys(String place) throws IOException {
    link("_layers/sha256/" + oldBlob(LAYER).hex(), oldBlob(LAYER));
    behindALink(old.resolve(place));

    assertThatThrownBy(() -> new Migration(old, content, files.spool(), name -> name).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("docker/registry/v2");
  }

  private void behindALink(Path path) throws IOException {
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(path, elsewhere);
    Files.createSymbolicLink(path, elsewhere);
  }

  private Path data(Digest digest) {
    return old.resolve("docker/registry/v2/blobs/sha256")
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex())
        .resolve("data");
  }

  private Digest oldBlob(byte[] bytes) throws IOException {
    Digest digest = Digest.ofBytes(Algorithm.SHA256, bytes);
    Files.createDirectories(data(digest).getParent());
    Files.write(data(digest), bytes);
    return digest;
  }

  private void link(String place, Digest digest) throws IOException {
    Path at = old.resolve("docker/registry/v2/repositories/team/app").resolve(place);
    Files.createDirectories(at);
    Files.writeString(at.resolve("link"), digest.toString());
  }

  private static byte[] manifest(Digest layer) {
    return ("{\"schemaVersion\":2,\"layers\":[{\"mediaType\":\"a/b\",\"size\":7,\"digest\":\""
            + layer
            + "\"}]}")
        .getBytes(UTF_8);
  }

  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file.toString(), Files.readString(file) + Files.getLastModifiedTime(file));
      }
    }
    return contents;
  }
}
