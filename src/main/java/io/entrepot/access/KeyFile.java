package io.entrepot.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of a single node, in a file that only this user can read.
 *
 * @param file need not exist
 */
public record KeyFile(Path file) implements TokenKeys.Place {
  private static final int MAX_BYTES = 64 << 10;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  @Override
  public Optional<String> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("the file " + file + " is larger than 64 KiB");
    }
    return Optional.of(Files.readString(file));
  }

  @Override
  public String toString() {
    return "the file " + file;
  }

  /** Nobody else writes the file. */
  @Override
  public String replace(Optional<String> before, String after) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(next);
    boolean posix = next.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] mode =
        posix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    Files.createFile(next, mode);
    Files.writeString(next, after);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return after;
  }
}
