package io.entrepot.config;

import org.jspecify.annotations.Nullable;

/**
 * Where the settings of one upstream stand.
 *
 * @param name the upstream's; null for the default one, whose settings stand under {@code proxy}
 */
record UpstreamKeys(@Nullable String name) {
  private static final String PROXY = "proxy.";

  static final UpstreamKeys DEFAULT = new UpstreamKeys(null);

  /** The setting of this upstream that is like one of {@link UpstreamTable}. */
  <T> Setting<T> own(Setting<T> setting) {
    return name == null
        ? setting
        : new Setting<>(key(setting), setting.syntax(), setting.fallback(), setting.meaning());
  }

  /** What the keys of its settings begin with. */
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
