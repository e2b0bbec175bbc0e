package io.entrepot.config;

import org.jspecify.annotations.Nullable;

/**
 * The keys of one upstream's settings.
 *
 * @param name the upstream's; null for the default one, whose settings stand under {@code proxy}
 */
record UpstreamKeys(@Nullable String name) {
  private static final String PROXY = "proxy.";

  static final UpstreamKeys DEFAULT = new UpstreamKeys(null);

  /** This upstream's own setting for one of {@link UpstreamTable}. */
  <T> Setting<T> own(Setting<T> setting) {
    return name == null
        ? setting
        : new Setting<>(key(setting), setting.syntax(), setting.fallback(), setting.meaning());
  }

  /** The beginning of its keys. */
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
