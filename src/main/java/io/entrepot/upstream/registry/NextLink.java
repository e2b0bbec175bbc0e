package io.entrepot.upstream.registry;

import io.entrepot.oci.Cursor;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.FieldScanner;
import io.entrepot.upstream.wire.UpstreamFailures;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the next page of a list in the {@code Link} header (RFC 8288, 3). */
final class NextLink {
  /** What a query must not have: all other characters, and a percent sign without two digits. */
  private static final Pattern UNSAFE =
      Pattern.compile("[^A-Za-z0-9._~!$&'()*+,;=:@/?\\[\\]%-]|%(?![0-9A-Fa-f]{2})");

  private NextLink() {}

  /**
   * The query of the link to the next page. Registries behind a proxy often write a wrong scheme,
   * host or prefix of the path, so nothing else of the link is used: the next page is asked where
   * this one was. What a URL must not have, such as a space, is encoded.
   *
   * @param endpoint the last segment of the path of such a list
   * @return null at the end of the list
   * @throws UpstreamException with INVALID if the link leads to something else
   */
  static @Nullable String query(Answer answer, String endpoint) throws UpstreamException {
    String target = parse(answer.headers("Link")).orElse(null);
    if (target == null) {
      return null;
    }
    String whole = target.split("#", 2)[0];
    int mark = whole.indexOf('?');
    String path = (mark < 0 ? whole : whole.substring(0, mark)).replaceAll("(?i)%3A", ":");
    String segment = path.substring(path.lastIndexOf('/') + 1);
    if (mark < 0 || !(path.isEmpty() || segment.equals(endpoint))) {
      throw UpstreamFailures.invalid(
          answer, "its next page is elsewhere: " + answer.quote(path.strip()));
    }
    String query = UNSAFE.matcher(whole.substring(mark + 1)).replaceAll(NextLink::escape);
    if (!Cursor.isQuery(query)) {
      throw UpstreamFailures.invalid(
          answer,
          "its link to the next page is longer than %d or has a control character"
              .formatted(Cursor.MAX_QUERY));
    }
    return query;
  }

  /** Header fields are read as ISO-8859-1, so a character is a byte. */
  private static String escape(MatchResult unsafe) {
    return "%%%02X".formatted((int) unsafe.group().charAt(0));
  }

  /**
   * Finds the first link whose relation is {@code next}. Text that is no link is skipped, never an
   * error.
   *
   * @param values of the header, one for each time it occurs
   */
  static Optional<String> parse(List<String> values) {
    return values.stream()
        .map(value -> find(new FieldScanner(value)))
        .filter(Objects::nonNull)
        .findFirst();
  }

  private static @Nullable String find(FieldScanner in) {
    in.skipSeparators();
    while (in.take('<')) {
      String target = in.until('>');
      if (target == null) {
        return null;
      }
      in.take('>');
      if (isNext(in)) {
        return target;
      }
      in.skipSeparators();
    }
    return null;
  }

  /** Reads the parameters of one link; only the first {@code rel} counts (RFC 8288, 3.3). */
  private static boolean isNext(FieldScanner in) {
    String relation = null;
    in.skipSpace();
    while (in.take(';')) {
      in.skipSpace();
      String name = in.token();
      in.skipSpace();
      String value = "";
      if (in.take('=')) {
        in.skipSpace();
        value = in.value();
      }
      if (value == null) {
        return false;
      }
      if (relation == null && "rel".equalsIgnoreCase(name)) {
        relation = value;
      }
      in.skipSpace();
    }
    return relation != null
        && List.of(relation.toLowerCase(Locale.ROOT).split("\\s+", -1)).contains("next");
  }
}
