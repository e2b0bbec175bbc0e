package io.entrepot.upstream.credentials;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.ForeignJson;
import io.entrepot.upstream.Messages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A credential helper: a program {@code docker-credential-NAME} that reads the name of a server and
 * writes credentials for it as JSON (docker/docker-credential-helpers, "Development"). Its error
 * stream is not read, since it could hold a secret (S16).
 */
final class HelperProgram {
  private static final int MAX_OUTPUT = 64 << 10;

  /** How often to look for more output. The end of the program is noticed at once. */
  private static final Duration LOOK = Duration.ofMillis(10);

  private static final String PREFIX = "docker-credential-";

  /** Names that stay within the folders where programs are searched. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** What helpers write where they have no credentials. Docker looks for the same words. */
  private static final String HAS_NONE = "credentials not found in native keychain";

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_OUTPUT);
  private static final Set<String> WANTED = Set.of("Username", "Secret");

  private final Path program;
  private final Duration timeout;

  private HelperProgram(Path program, Duration timeout) {
    this.program = program;
    this.timeout = timeout;
  }

  /**
   * Finds the program of a helper.
   *
   * @param name what Docker's configuration calls it, such as {@code ecr-login}
   * @param folders absolute, searched in this order
   * @param timeout for each answer; then the program is killed
   * @throws IOException where the name is none or there is no such program
   */
  static HelperProgram find(String name, List<Path> folders, Duration timeout) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IOException("this is no name of a credential helper: " + Messages.quote(name));
    }
    return folders.stream()
        .map(folder -> folder.resolve(PREFIX + name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst()
        .map(file -> new HelperProgram(file, timeout))
        .orElseThrow(
            () -> new IOException("there is no program " + PREFIX + name + " in " + folders));
  }

  /**
   * Runs the program once.
   *
   * @return empty where it has nothing for this server
   * @throws IOException where it fails; the message holds nothing of what it wrote
   */
  Optional<Credentials> get(String server) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    ProcessTree tree = start();
    Process process = tree.process();
    try {
      tell(process, server);
      byte[] output = read(process, deadline);
      int status = process.exitValue();
      if (status == 0) {
        return parse(output);
      }
      if (new String(output, UTF_8).contains(HAS_NONE)) {
        return Optional.empty();
      }
      throw new IOException(
          this + " ended with status " + status + "; run it by hand, as this user, to see why");
    } finally {
      tree.end();
    }
  }

  private ProcessTree start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(program.toString(), "get");
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    // It must not see our own secrets.
    builder.environment().keySet().removeIf(name -> name.startsWith("ENTREPOT_"));
    try {
      return new ProcessTree(builder);
    } catch (IOException e) {
      throw new IOException(this + " cannot be run: " + e.getMessage(), e);
    }
  }

  private static void tell(Process process, String server) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(server.getBytes(UTF_8));
    } catch (IOException e) {
      // It does not read its input. Then its status says whether that matters.
    }
  }

  /**
   * Reads the output until the program ends. It reads only bytes that are there: a read that blocks
   * cannot be interrupted and has no timeout. A child process that the program leaves behind could
   * even block it for ever, by keeping the output open.
   */
  private byte[] read(Process process, long deadline) throws IOException, InterruptedException {
    InputStream out = process.getInputStream();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    while (true) {
      boolean ended = !process.isAlive();
      int there;
      while ((there = out.available()) > 0) {
        output.write(out.readNBytes(Math.min(there, MAX_OUTPUT)));
        if (output.size() > MAX_OUTPUT) {
          throw new IOException(this + " wrote more than " + MAX_OUTPUT + " bytes");
        }
      }
      if (ended) {
        return output.toByteArray();
      }
      if (deadline - System.nanoTime() <= 0) {
        throw tooLate();
      }
      var unused = process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private IOException tooLate() {
    return new IOException(this + " gave no answer within " + timeout.toMillis() + " ms");
  }

  private Optional<Credentials> parse(byte[] output) throws IOException {
    Map<String, String> fields = new HashMap<>();
    try {
      JSON.read(
          output,
          root ->
              root.fields(
                  (name, value) -> {
                    if (WANTED.contains(name)) {
                      fields.put(name, value.text());
                    }
                  }));
    } catch (IOException e) {
      // Not the cause, which quotes the output.
      throw new IOException(this + " wrote something that is not JSON");
    }
    String username = fields.getOrDefault("Username", "");
    String secret = fields.getOrDefault("Secret", "");
    if (username.isEmpty() && secret.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Credentials.of(username, secret));
    } catch (IllegalArgumentException e) {
      throw new IOException(this + " gave no usable answer: " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return "the credential helper " + program.getFileName();
  }
}
