package io.entrepot.config;

import org.jspecify.annotations.Nullable;

/**
 * The keys of the settings of one upstream.
 *
 * @param name the name of the upstream; null for the default upstream, whose keys begin with {@code
 *     proxy}
 */
record UpstreamKeys(@Nullable String name) {
  private static final String PROXY = "proxy.";

  static final UpstreamKeys DEFAULT = new UpstreamKeys(null);

  /** The setting of this upstream that corresponds to a setting of {@link UpstreamTable}. */
  <T> Setting<T> own(Setting<T> setting) {
    return name == null
        ? setting
        : new Setting<>(key(setting), setting.syntax(), setting.fallback(), setting.meaning());
  }

  /** The prefix of the keys. */
  String prefix() {
    return name == null ? PROXY : "upstreams." + name + ".";
  }

  private String key(Setting<?> setting) {
    if (setting.equals(UpstreamTable.REMOTEURL)) {
      return prefix() + "url";
    }
    String key = setting.key();
    return prefix() + (key.startsWith(PROXY) ? key.substring(PROXY.length()) : key);
  }
}
