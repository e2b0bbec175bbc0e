package io.entrepot.admin;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;

/** {@code /api/config}: the settings with which this cache has started. */
@Path("config")
@Produces(MediaType.APPLICATION_JSON)
public final class ConfigResource {
  private final List<Setting> settings;

  /**
   * A setting.
   *
   * @param key the key as in {@code config.yml}
   * @param value the text of its value, without secrets; empty if it has none
   * @param source where it is written, such as {@code environment ENTREPOT_PROXY_TTL}, or {@code
   *     default}
   */
  public record Setting(String key, String value, String source) {}

  public ConfigResource(List<Setting> settings) {
    this.settings = List.copyOf(settings);
  }

  /** Each setting, its value without secrets, and where it is written. */
  @GET
  public Map<String, List<Setting>> settings() {
    return Map.of("settings", settings);
  }
}
