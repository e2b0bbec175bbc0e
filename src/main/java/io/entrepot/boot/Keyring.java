package io.entrepot.boot;

import io.entrepot.access.KeyFile;
import io.entrepot.access.TokenKeys;
import io.entrepot.spool.DataFolder;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Where the keys for tokens are.
 *
 * @param place keeps them
 * @param issuer what this cache calls itself in tokens
 * @param setting what is to be looked at where they cannot be used
 * @param opened gets the keys when they are in use
 */
record Keyring(TokenKeys.Place place, String issuer, String setting, Consumer<TokenKeys> opened) {
  private static final String FOLDER = "storage.filesystem.rootdirectory";

  /** Of a cache that is alone. */
  static Keyring of(DataFolder folder) {
    try {
      String id = folder.id().orElseThrow(() -> new IOException("the folder has no id"));
      return new Keyring(new KeyFile(folder.path("token-keys.json")), id, FOLDER, keys -> {});
    } catch (IOException e) {
      throw unusable(FOLDER, e);
    }
  }

  /** Keys that cannot be used. */
  StartException unusable(IOException e) {
    return unusable(setting, e);
  }

  private static StartException unusable(String setting, IOException e) {
    return new StartException(
        setting + ": the keys for tokens cannot be used: " + e.getMessage(), e);
  }
}
