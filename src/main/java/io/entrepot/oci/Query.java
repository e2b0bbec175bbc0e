package io.entrepot.oci;

import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The query parameters of a request. If a parameter is repeated, the first value is used. */
public final class Query {
  private static final int MAX_LENGTH = 16_384;

  /** The parameters that name something: a registry, a media type. */
  private static final Set<String> NAMES = Set.of("ns", "artifactType");

  /** A media type has at most 255 characters (RFC 6838, 4.2), a host with its port 259. */
  private static final int MAX_NAME = 300;

  private final Map<String, String> parameters;

  private Query(Map<String, String> parameters) {
    this.parameters = parameters;
  }

  /**
   * Reads a query string.
   *
   * @param raw the query string, not decoded; null or empty for no parameters
   * @throws OciException if an escape is broken, a part is not UTF-8 or has a control character,
   *     the query is longer than 16384 characters, or a name is longer than 300; with {@link
   *     OciError#NAME_INVALID} if that is in a parameter that names something, such as {@code ns},
   *     else with {@link OciError#PAGE_INVALID}
   */
  public static Query parse(@Nullable String raw) {
    if (raw == null || raw.isEmpty()) {
      return new Query(Map.of());
    }
    if (raw.length() > MAX_LENGTH) {
      throw new OciException(
          OciError.PAGE_INVALID, "the query is longer than " + MAX_LENGTH + " characters");
    }
    Map<String, String> parameters = new HashMap<>();
    for (String pair : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      String key = decode(equals < 0 ? pair : pair.substring(0, equals), OciError.PAGE_INVALID);
      OciError error = NAMES.contains(key) ? OciError.NAME_INVALID : OciError.PAGE_INVALID;
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1), error);
      if (NAMES.contains(key) && value.length() > MAX_NAME) {
        throw new OciException(
            error, key + "=" + Quoted.of(value) + " is longer than " + MAX_NAME + " characters");
      }
      parameters.putIfAbsent(key, value);
    }
    return new Query(parameters);
  }

  /** Whether the query has no other parameters. */
  public boolean hasOnly(String... keys) {
    return Set.of(keys).containsAll(parameters.keySet());
  }

  /** The first value of a parameter, decoded; null if the query does not have it. */
  public @Nullable String get(String key) {
    return parameters.get(key);
  }

  private static String decode(String text, OciError error) {
    String decoded;
    try {
      decoded = FormText.decode(text);
    } catch (IllegalArgumentException e) {
      throw new OciException(error, "the query part " + Quoted.of(text) + " has a broken escape");
    } catch (CharacterCodingException e) {
      throw new OciException(error, "the query part " + Quoted.of(text) + " is not UTF-8");
    }
    if (decoded.chars().anyMatch(Character::isISOControl)) {
      throw new OciException(
          error, "the query part " + Quoted.of(text) + " has a control character");
    }
    return decoded;
  }
}
