package io.entrepot.database;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the file of the embedded database was found damaged or removed while it is in use (F25).
 * A damaged one gets a mark beside it. If the process ends before the file is made anew, the next
 * start does that, although H2 may open the file without a complaint. Thread-safe.
 */
final class FileDamage {
  private static final Logger log = LoggerFactory.getLogger(FileDamage.class);

  private static final String MARK = "damaged";

  /** How long failures of connections to the old file may still come in after a renewal. */
  private static final long OLD_FAILURES_NANOS = Duration.ofSeconds(2).toNanos();

  private final Path file;
  private volatile @Nullable Object identity;
  private volatile @Nullable String why;
  private volatile long renewedAt = System.nanoTime() - OLD_FAILURES_NANOS;
  private volatile Runnable action = () -> {};

  FileDamage(Path file) {
    this.file = file;
  }

  /** Remembers which file is in use from now on. */
  void begin() {
    identity = identity();
  }

  /** Tells this file from another one of its name; null if there is none. */
  private @Nullable Object identity() {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }

  /** Calls this whenever the file is found damaged or removed. It must not wait. */
  void whenFound(Runnable other) {
    action = other;
  }

  /** Looks whether a failure of a connection means that the file is damaged. */
  void noteFailure(SQLException e) {
    boolean isOfOldFile = System.nanoTime() - renewedAt < OLD_FAILURES_NANOS;
    if (isMeantBy(e) && !isOfOldFile && note("it is damaged")) {
      log.error("The database {} is damaged. It is made anew from the stored files", file, e);
      try {
        Files.createFile(mark());
      } catch (IOException again) {
        log.warn("The mark {} cannot be written: {}", mark(), again.toString());
      }
      action.run();
    }
  }

  /** Returns false if it is known already. */
  private synchronized boolean note(String what) {
    boolean isNew = why == null;
    why = isNew ? what : why;
    return isNew;
  }

  /** Why the file must be made anew; empty as long as it need not. Looks at the file. */
  Optional<String> why() {
    if (why == null && !Objects.equals(identity, identity()) && note("its file was removed")) {
      log.error("The file {} was removed. It is made anew from the stored files", file);
      action.run();
    }
    return Optional.ofNullable(why);
  }

  /** After the file was made anew. */
  void forget() {
    renewedAt = System.nanoTime();
    why = null;
  }

  /** Whether an earlier process has found the file damaged. */
  boolean isMarked() {
    return Files.exists(mark());
  }

  private Path mark() {
    return file.resolveSibling(MARK);
  }

  /** Whether a failure means that H2 cannot read the file, which may be truncated. */
  static boolean isMeantBy(SQLException e) {
    return switch (e.getErrorCode()) {
      case ErrorCode.FILE_CORRUPTED_1,
          ErrorCode.FILE_VERSION_ERROR_1,
          ErrorCode.WRONG_USER_OR_PASSWORD ->
          true;
      default -> Dialect.causes(e).anyMatch(FileDamage::isMeantBy);
    };
  }

  private static boolean isMeantBy(Throwable cause) {
    return cause instanceof EOFException
        || (cause instanceof MVStoreException e
            && e.getErrorCode() == DataUtils.ERROR_FILE_CORRUPT);
  }
}
