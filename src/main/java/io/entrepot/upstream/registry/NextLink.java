package io.entrepot.upstream.registry;

import io.entrepot.upstream.wire.FieldScanner;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the next page of a list in the {@code Link} header (RFC 8288, 3). */
final class NextLink {
  private NextLink() {}

  /**
   * Finds the first link whose relation is {@code next}. Text that is no link is skipped, never an
   * error.
   *
   * @param values of the header, one for each time it occurs
   */
  static Optional<URI> parse(List<String> values) {
    for (String value : values) {
      String target = find(new FieldScanner(value));
      if (target != null) {
        try {
          return Optional.of(new URI(target));
        } catch (URISyntaxException e) {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
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
