package io.entrepot.boot;

import io.entrepot.config.Settings;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Via;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * What {@code --check} looks at: whether the upstreams, their logins and the disk can be used with
 * these settings. It locks nothing, so that a cache may run meanwhile. Used once, by one thread.
 */
final class StartCheck {
  private final Settings settings;
  private final Supplier<Settings> again;
  private final Clock clock;
  private final List<String> found = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * Looks at nothing yet.
   *
   * @param settings they are valid
   * @param again reads them again, to find changed credentials
   */
  StartCheck(Settings settings, Supplier<Settings> again, Clock clock) {
    this.settings = settings;
    this.again = again;
    this.clock = clock;
  }

  /**
   * Looks at everything.
   *
   * @return what was found, a line for each thing
   * @throws StartException if something cannot be used; the message has a line for each problem
   */
  List<String> run() {
    settings.warnings().forEach(warning -> found.add("warning: " + warning));
    lookAtFolder(settings.storage());
    lookAtUpstreams();
    if (!problems.isEmpty()) {
      throw new StartException(String.join("\n", problems));
    }
    return found;
  }

  private void lookAtFolder(Settings.Storage storage) {
    Path root = storage.rootDirectory();
    try {
      Path there = existing(root.toAbsolutePath());
      Files.delete(Files.createTempFile(there, "entrepot-check", ""));
      FileStore disk = Files.getFileStore(there);
      long free = disk.getUsableSpace();
      long reserve = storage.space().reserve();
      if (free <= reserve) {
        problems.add(
            "storage.reserve: the disk of %s has %d free bytes, of which %d are reserved, so that"
                    .formatted(root, free, reserve)
                + " nothing would be stored");
      } else {
        found.add("folder %s: can be written, %d bytes are free".formatted(root, free));
      }
      long quota = storage.space().quota().bytes();
      if (quota > disk.getTotalSpace()) {
        found.add("warning: storage.quota is larger than the whole disk of " + root);
      }
    } catch (IOException e) {
      problems.add(
          "storage.filesystem.rootdirectory: the folder %s cannot be written: %s"
              .formatted(root, e));
    }
  }

  /** The folder, or the one in which it would be made. */
  private static Path existing(Path path) {
    Path parent = path.getParent();
    return parent == null || Files.exists(path) ? path : existing(parent);
  }

  private void lookAtUpstreams() {
    int questions = settings.proxy().wire().maxConnections() - settings.maxFills();
    int count = settings.upstreams().all().size();
    try (Threads threads = new Threads(Thread::new, settings.maxFills(), questions, count);
        OpenUpstreams upstreams =
            new OpenUpstreams(
                settings,
                new UpstreamCredentials(again, clock),
                Via.NONE.with(Via.newName(new SecureRandom())),
                MemoryBudget.ofHeap(),
                clock,
                new SimpleMeterRegistry(),
                threads)) {
      upstreams.check(found, problems);
    } catch (StartException e) {
      problems.add(e.getMessage());
    }
  }
}
