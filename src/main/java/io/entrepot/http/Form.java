package io.entrepot.http;

import io.entrepot.oci.FormText;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a request for a token, from its query or its body. A name may be repeated. */
record Form(Map<String, List<String>> parameters) {
  /** A password may be a long token. */
  static final int MAX_BYTES = 64 << 10;

  private static final int MAX_PARAMETERS = 64;

  /** Reads a text in the form of a query; null for none. */
  static Form parse(@Nullable String raw) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    if (raw == null || raw.isEmpty()) {
      return new Form(parameters);
    }
    String[] pairs = raw.split("&", MAX_PARAMETERS + 1);
    if (pairs.length > MAX_PARAMETERS || raw.length() > MAX_BYTES) {
      throw bad("has too many parameters, or is larger than 64 KiB");
    }
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      parameters.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }
    return new Form(parameters);
  }

  private static String decoded(String text) {
    String value;
    try {
      value = FormText.decode(text);
    } catch (IllegalArgumentException e) {
      throw bad("has a broken escape");
    } catch (CharacterCodingException e) {
      throw bad("is not UTF-8");
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw bad("has a control character");
    }
    return value;
  }

  /** The error for a request for a token that cannot be read. */
  static OciException bad(String why) {
    return new OciException(OciError.NAME_INVALID, "the request for a token " + why);
  }

  /** All values of a parameter. */
  List<String> all(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  /** The first value of a parameter; empty if there is none. */
  String first(String name) {
    List<String> values = all(name);
    return values.isEmpty() ? "" : values.get(0);
  }
}
