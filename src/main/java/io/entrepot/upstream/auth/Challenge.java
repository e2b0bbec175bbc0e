package io.entrepot.upstream.auth;

import io.entrepot.upstream.wire.FieldScanner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One challenge of {@code WWW-Authenticate} (RFC 9110, 11.6.1): how an upstream wants us to
 * authenticate.
 *
 * @param scheme lowercase, such as {@code bearer}
 * @param parameters by lowercase name; empty where there is a token68
 */
record Challenge(String scheme, Map<String, String> parameters) {

  /**
   * Reads all challenges of a response. Text that is no challenge is ignored, never an error.
   *
   * @param values of the header, one for each time it occurs
   */
  static List<Challenge> parse(List<String> values) {
    List<Challenge> all = new ArrayList<>();
    for (String value : values) {
      parse(new FieldScanner(value), all);
    }
    return List.copyOf(all);
  }

  /** The first challenge of a scheme. */
  static Optional<Challenge> find(List<Challenge> challenges, String scheme) {
    return challenges.stream().filter(c -> c.scheme().equals(scheme)).findFirst();
  }

  @Nullable String get(String parameter) {
    return parameters.get(parameter);
  }

  /** Reads until the end, or until something that is no challenge: all after that is ignored. */
  private static void parse(FieldScanner in, List<Challenge> all) {
    in.skipSeparators();
    while (!in.atEnd()) {
      String scheme = in.token();
      if (scheme == null) {
        return;
      }
      Map<String, String> parameters = new LinkedHashMap<>();
      boolean sound = !in.skipSpace() || skipToken68(in) || parseParameters(in, parameters);
      in.skipSpace();
      if (!sound || !(in.atEnd() || in.at(',') || !parameters.isEmpty())) {
        return;
      }
      all.add(new Challenge(scheme.toLowerCase(Locale.ROOT), Map.copyOf(parameters)));
      in.skipSeparators();
    }
  }

  /** A token68 fills its list element. {@code realm="x"} begins like one, but goes on. */
  private static boolean skipToken68(FieldScanner in) {
    int start = in.position();
    if (in.token68() != null) {
      in.skipSpace();
      if (in.atEnd() || in.at(',')) {
        return true;
      }
    }
    in.backTo(start);
    return false;
  }

  /**
   * Reads parameters up to the end or the next scheme, which is a token without an equals sign.
   *
   * @return false where they cannot be read. A name that occurs twice is an error: readers could
   *     differ about which value counts
   */
  private static boolean parseParameters(FieldScanner in, Map<String, String> into) {
    while (true) {
      int start = in.position();
      String name = in.token();
      in.skipSpace();
      if (name == null || !in.take('=')) {
        in.backTo(start);
        return true;
      }
      in.skipSpace();
      String value = in.value();
      if (value == null || into.putIfAbsent(name.toLowerCase(Locale.ROOT), value) != null) {
        return false;
      }
      in.skipSpace();
      if (!in.atEnd() && !in.at(',')) {
        return false;
      }
      in.skipSeparators();
    }
  }
}
