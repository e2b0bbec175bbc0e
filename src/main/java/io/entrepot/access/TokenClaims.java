package io.entrepot.access;

import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The claims of a token that somebody else has signed (RFC 7519). A claim that occurs twice makes
 * the token unusable. Used by one thread while it is read, and immutable afterwards.
 */
final class TokenClaims implements JsonValue.Fields {
  private static final ForeignJson JSON = ForeignJson.upTo(SignedToken.MAX_LENGTH);
  private static final String ACCESS = "access";

  /** The last second that a token can name: the end of the year 9999. */
  private static final double LAST_SECOND = 253_402_300_799d;

  private final Map<String, String> texts = new HashMap<>();
  private final Map<String, String> numbers = new HashMap<>();
  private final Map<String, List<String>> lists = new HashMap<>();
  private final List<Grant> access = new ArrayList<>();
  private boolean accessUsable = true;

  /** One entry of the claim {@code access}, as token services of registries write it. */
  record Grant(String type, String name, List<String> actions) {}

  private TokenClaims() {}

  static TokenClaims read(byte[] json) throws IOException {
    TokenClaims claims = new TokenClaims();
    JSON.read(json, root -> root.distinctFields(claims));
    return claims;
  }

  @Override
  public void field(String name, JsonValue value) throws IOException {
    if (name.equals(ACCESS) && !value.isNull()) {
      readAccess(value);
    } else if (value.isString()) {
      texts.put(name, value.text());
    } else if (value.isList()) {
      lists.put(name, strings(value));
    } else if (!value.isNull() && !value.isObject()) {
      numbers.put(name, value.text());
    }
  }

  private static List<String> strings(JsonValue list) throws IOException {
    List<String> strings = new ArrayList<>();
    list.entries(
        entry -> {
          if (entry.isString()) {
            strings.add(entry.text());
          }
        });
    return strings;
  }

  private void readAccess(JsonValue value) throws IOException {
    accessUsable = value.isList();
    value.entries(
        entry -> {
          Map<String, String> fields = new HashMap<>();
          List<String> actions = new ArrayList<>();
          entry.distinctFields(
              (name, field) -> {
                if (field.isString()) {
                  fields.put(name, field.text());
                } else if (name.equals("actions") && field.isList()) {
                  actions.addAll(strings(field));
                }
              });
          String type = fields.get("type");
          String name = fields.get("name");
          if (type == null || name == null) {
            accessUsable = false;
          } else {
            access.add(new Grant(type, name, List.copyOf(actions)));
          }
        });
  }

  /** The claim, if it is a string. */
  Optional<String> text(String name) {
    return Optional.ofNullable(texts.get(name));
  }

  /** The strings of the claim: of a list, or the one string that it is. */
  List<String> strings(String name) {
    return text(name).map(List::of).orElseGet(() -> lists.getOrDefault(name, List.of()));
  }

  /** What a pattern can be compared with: strings, numbers, {@code true} and {@code false}. */
  Stream<String> values(String name) {
    return Stream.concat(strings(name).stream(), Stream.ofNullable(numbers.get(name)));
  }

  /** Whether the claim is there, in whatever form a claim of a time can have. */
  boolean has(String name) {
    return texts.containsKey(name) || numbers.containsKey(name) || lists.containsKey(name);
  }

  /** The claim, if it is a number of seconds since 1970. */
  Optional<Instant> time(String name) {
    try {
      double seconds = Double.parseDouble(numbers.getOrDefault(name, ""));
      return Optional.of(Instant.ofEpochSecond((long) Math.max(0, Math.min(seconds, LAST_SECOND))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The entries of the claim {@code access}; empty if it has a form that nobody defines. */
  Optional<List<Grant>> access() {
    return accessUsable ? Optional.of(List.copyOf(access)) : Optional.empty();
  }
}
