package io.entrepot.access;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;

/** Finds the common name in the name of a certificate. */
final class CommonName {
  /** One attribute as RFC 2253 writes it: a type, and a value with escapes. */
  private static final Pattern ATTRIBUTE =
      Pattern.compile("([A-Za-z0-9.]+)=((?:\\\\.|[^,+\\\\])*+)(?:[,+]|$)", Pattern.DOTALL);

  private static final Pattern ESCAPED = Pattern.compile("\\\\(.)", Pattern.DOTALL);

  private CommonName() {}

  /** The common name; empty if there is none, or more than one. */
  static Optional<String> of(X500Principal subject) {
    Matcher attribute = ATTRIBUTE.matcher(subject.getName(X500Principal.RFC2253));
    String name = "";
    while (attribute.find()) {
      if (attribute.group(1).equals("CN")) {
        String value = attribute.group(2);
        if (!name.isEmpty() || value.startsWith("#")) {
          return Optional.empty(); // which of them it is, or what, would be a guess
        }
        name = ESCAPED.matcher(value).replaceAll("$1");
      }
    }
    return Optional.of(name).filter(found -> !found.isEmpty());
  }
}
