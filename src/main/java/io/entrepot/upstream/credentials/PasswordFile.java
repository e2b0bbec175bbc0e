package io.entrepot.upstream.credentials;

import io.entrepot.files.WatchedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A password in a file of its own, as Kubernetes, Docker and systemd mount their secrets: one line
 * of UTF-8. Line breaks at its end do not belong to the password. Thread-safe.
 */
public final class PasswordFile implements CredentialSource {
  /** Larger than any token. A larger file is a mistake. */
  private static final int MAX_BYTES = 64 << 10;

  private final WatchedFile<Credentials> file;

  private PasswordFile(WatchedFile<Credentials> file) {
    this.file = file;
  }

  /**
   * Reads the file for the first time.
   *
   * @throws IOException where there is no password in it; the message names the file
   */
  public static PasswordFile open(String username, Path path) throws IOException {
    return new PasswordFile(
        new WatchedFile<>(path, MAX_BYTES, content -> Credentials.of(username, password(content))));
  }

  private static String password(byte[] content) throws IOException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("it is not UTF-8", e);
    }
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
      end--;
    }
    if (end == 0) {
      throw new IOException("it is empty");
    }
    String password = text.substring(0, end);
    if (password.chars().anyMatch(Character::isISOControl)) {
      throw new IOException("it has more than one line, or control characters");
    }
    return password;
  }

  @Override
  public Credentials current() {
    return file.get();
  }

  @Override
  public Credentials renew(Credentials refused) {
    return file.reread();
  }

  @Override
  public boolean isAnonymous() {
    return false;
  }
}
