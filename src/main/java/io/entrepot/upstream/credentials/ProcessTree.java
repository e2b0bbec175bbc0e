package io.entrepot.upstream.credentials;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A program and all that it starts, to be ended together. When a program has ended, the system no
 * longer knows whose children it has left behind. So each run has a mark in its environment, which
 * children inherit. On Linux they are found by it; elsewhere only those of a program that still
 * runs. A child in a session of its own is a service that means to stay, such as an agent for keys,
 * and is left alone.
 */
final class ProcessTree {
  private static final String VARIABLE = "CREDENTIAL_HELPER_RUN";
  private static final Path PROC = Path.of("/proc");

  /** In the words of {@code /proc/PID/stat} behind the name: state, parent, group, session. */
  private static final int SESSION = 3;

  private final String mark = VARIABLE + "=" + UUID.randomUUID();
  private final Process process;

  /** Starts a program. */
  ProcessTree(ProcessBuilder builder) throws IOException {
    builder.environment().put(VARIABLE, mark.substring(VARIABLE.length() + 1));
    process = builder.start();
  }

  Process process() {
    return process;
  }

  /** Ends what still runs. */
  void end() {
    // The children first: when the program has ended, they are no longer found as its children.
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    if (Files.isDirectory(PROC)) {
      ProcessHandle.allProcesses()
          .filter(this::isLeftBehind)
          .forEach(ProcessHandle::destroyForcibly);
    }
  }

  private boolean isLeftBehind(ProcessHandle other) {
    try {
      Path folder = PROC.resolve(String.valueOf(other.pid()));
      return ("\0" + Files.readString(folder.resolve("environ"), ISO_8859_1)).contains("\0" + mark)
          && session(folder).equals(session(PROC.resolve("self")));
    } catch (IOException e) {
      return false; // it has ended, or it is somebody else's
    }
  }

  private static String session(Path folder) throws IOException {
    String stat = Files.readString(folder.resolve("stat"), ISO_8859_1);
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[SESSION];
  }
}
