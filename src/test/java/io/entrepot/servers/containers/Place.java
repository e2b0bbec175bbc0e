package io.entrepot.servers.containers;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Where a server is installed, and what it is told.
 *
 * @param home the unpacked distribution, which stays as it is
 * @param base a folder for everything else; made anew
 * @param port to listen on
 * @param values the properties {@code registry.*} that the files of docs/servers/ refer to
 */
record Place(Path home, Path base, int port, Map<String, String> values) {
  static final String HOST = "127.0.0.1";
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int ANSWER_MS = 5_000;

  void clear() throws IOException {
    FileUtils.deleteDirectory(base.toFile());
    Files.createDirectories(base);
  }

  /** Puts a file under its path in the base. */
  void put(Path file, String path) throws IOException {
    var target = base.resolve(path);
    Files.createDirectories(target.getParent());
    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Puts the library that has this class under its path in the base. */
  void putLibraryOf(Class<?> type, String path) throws IOException {
    try {
      put(Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()), path);
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  /** Waits until the application answers, or until it no longer does. */
  void awaitServed(boolean served, int port) throws IOException {
    var version = URI.create("http://" + HOST + ":" + port + "/v2/");
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> (status(version) == HttpURLConnection.HTTP_OK) == served);
    } catch (ConditionTimeoutException e) {
      throw new IOException(version + (served ? " is not served" : " is still served"), e);
    }
  }

  private static int status(URI uri) {
    try {
      var connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setConnectTimeout(ANSWER_MS);
      connection.setReadTimeout(ANSWER_MS);
      return connection.getResponseCode();
    } catch (IOException notYet) {
      return -1;
    }
  }
}
