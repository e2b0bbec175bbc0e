package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @TempDir Path parent;
  private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);

  @Test
  void onlyItsUserCanEnterIt() throws IOException {
    Path folder = Scratch.in(parent, clock).folder("x").getParent();
    assertThat(Files.getPosixFilePermissions(folder))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void deletesAllOfIt() throws IOException {
    Scratch scratch = Scratch.in(parent, clock);
    Files.writeString(scratch.folder("application").resolve("x"), "x");
    scratch.delete();
    assertThat(parent).isEmptyDirectory();
    scratch.delete();
  }

  @Test
  void sweepsWhatACrashHasLeftButNothingElse() throws IOException {
    Path crashed = leftover("entrepot-launch-1", Duration.ofMinutes(2));
    Path starting = leftover("entrepot-launch-2", Duration.ofSeconds(59));
    Path foreign = leftover("another-1", Duration.ofDays(1));
    Path inUse = Scratch.in(parent, clock).folder("x").getParent();
    setAge(inUse.resolve("lock"), Duration.ofDays(1));
    Scratch.in(parent, clock);
    assertThat(crashed).doesNotExist();
    assertThat(starting).exists();
    assertThat(foreign).exists();
    assertThat(inUse).exists();
  }

  @Test
  void sweepDoesNotFollowLinks() throws IOException {
    Path precious = Files.writeString(parent.resolve("precious"), "x");
    Path crashed = leftover("entrepot-launch-1", Duration.ofMinutes(2));
    Files.createSymbolicLink(crashed.resolve("link"), precious);
    Path linked = Files.createDirectory(parent.resolve("entrepot-launch-2"));
    setAge(precious, Duration.ofDays(1));
    Files.createSymbolicLink(linked.resolve("lock"), precious);
    Scratch.in(parent, clock);
    assertThat(crashed).doesNotExist();
    assertThat(linked).exists();
    assertThat(precious).exists();
  }

  /** Several processes may start at once, such as all nodes of a machine after it was down. */
  @Test
  void manyThatStartAtOnceSweepTheSameFoldersAndAllStart() throws Exception {
    for (int i = 0; i < 20; i++) {
      Path crashed = leftover("entrepot-launch-" + i, Duration.ofMinutes(2));
      for (int file = 0; file < 50; file++) {
        Files.writeString(crashed.resolve("application").resolve("file" + file), "");
      }
    }
    List<Callable<Scratch>> starts = Collections.nCopies(8, () -> Scratch.in(parent, clock));
    ExecutorService processes = Executors.newFixedThreadPool(starts.size());
    try {
      for (Future<Scratch> started : processes.invokeAll(starts)) {
        assertThat(started.get().folder("x")).exists();
      }
    } finally {
      processes.shutdown();
    }
    try (Stream<Path> left = Files.list(parent)) {
      assertThat(left).hasSize(starts.size());
    }
  }

  private Path leftover(String name, Duration age) throws IOException {
    Path folder = Files.createDirectories(parent.resolve(name));
    Files.writeString(folder.resolve("lock"), "");
    Files.writeString(Files.createDirectory(folder.resolve("application")).resolve("x"), "");
    setAge(folder.resolve("lock"), age);
    return folder;
  }

  private static void setAge(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
  }
}
