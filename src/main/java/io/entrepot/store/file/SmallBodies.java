package io.entrepot.store.file;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The small blobs that are asked for most, on the heap: manifests, configurations and tiny layers.
 * To open their files costs more than to send them. Each was verified when it was read; what does
 * not verify is not kept. Thread-safe.
 */
final class SmallBodies {
  /** The largest kept, in bytes: nearly every manifest and configuration is smaller. */
  static final int MAX_BODY = 64 << 10;

  private final Function<Digest, Path> fileOf;
  private final UnreadableBlobs unreadable;
  private final Cache<Digest, HeldBlob> bodies;

  /**
   * Begins empty.
   *
   * @param fileOf where the file of a digest is
   * @param unreadable is told of files that cannot be read
   * @param memory holds the bodies
   */
  SmallBodies(Function<Digest, Path> fileOf, UnreadableBlobs unreadable, MemoryBudget memory) {
    this.fileOf = fileOf;
    this.unreadable = unreadable;
    this.bodies = memory.cache(Share.SMALL_BLOBS, SmallBodies::weight);
  }

  /**
   * A blob with its verified bytes, from the heap when they are there.
   *
   * @return null where the file is absent, too large, not that digest, or cannot be read
   * @throws IOException when the process has no file descriptor left
   */
  @Nullable HeldBlob get(Digest digest) throws IOException {
    try {
      return bodies.get(digest, this::load);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static int weight(Digest digest, HeldBlob blob) {
    int objects = Weight.ENTRY + 3 * Weight.RECORD + Weight.ofAscii(digest.hex());
    return objects + blob.bytes().length;
  }

  private @Nullable HeldBlob load(Digest digest) {
    Path file = fileOf.apply(digest);
    try {
      if (UnreadableBlobs.sizeOf(file) > MAX_BODY) {
        return null;
      }
      byte[] body = Files.readAllBytes(file);
      return digest.matches(body) ? new HeldBlob(digest, body) : null;
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      noteUnreadable(digest, file, e);
      return null;
    }
  }

  private void noteUnreadable(Digest digest, Path file, IOException why) {
    try {
      unreadable.note(digest, file, why);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Forgets a blob whose file has just changed or gone, and waits for a read that is under way. */
  void forget(Digest digest) {
    bodies.invalidate(digest);
  }
}
