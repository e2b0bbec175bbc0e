package io.entrepot.spool;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Collections;
import java.util.Set;

/** A file of another folder that nobody but this user can write, so that it can be linked (S38). */
final class OwnFile {
  private static final Set<PosixFilePermission> OTHERS_WRITE =
      Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private OwnFile() {}

  /**
   * Makes a hard link to a file that nobody else can write. It looks at what it has linked, which
   * may be another file than was there before.
   *
   * @param path the link, in a folder of our own
   * @return false where there is no link, and a copy is needed
   */
  static boolean link(Path path, Path source) throws IOException {
    try {
      Files.createLink(path, source);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
    if (isOurs(path)) {
      return true;
    }
    Files.delete(path);
    return false;
  }

  private static boolean isOurs(Path path) {
    try {
      PosixFileAttributes file =
          Files.readAttributes(path, PosixFileAttributes.class, NOFOLLOW_LINKS);
      return file.isRegularFile()
          && Collections.disjoint(file.permissions(), OTHERS_WRITE)
          && file.owner().equals(Files.getOwner(path.getParent()))
          && Files.getAttribute(path, "unix:nlink", NOFOLLOW_LINKS) instanceof Integer links
          && links == 2; // its own and ours
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return false; // who can write it cannot be known here
    }
  }
}
