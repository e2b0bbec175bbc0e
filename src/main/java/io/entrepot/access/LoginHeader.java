package io.entrepot.access;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** What the header {@code Authorization} of a request says (RFC 9110, 11.6.2). */
public sealed interface LoginHeader {
  /** The request has no such header. */
  record None() implements LoginHeader {}

  /** A user name and a password (RFC 7617). */
  record Basic(PasswordLogin login) implements LoginHeader {}

  /** A token (RFC 6750). */
  record Bearer(String token) implements LoginHeader {
    @Override
    public String toString() {
      return "a token";
    }
  }

  /**
   * Text that cannot be read.
   *
   * @param why what is wrong with it; quotes nothing of it
   */
  record Malformed(String why) implements LoginHeader {}

  /** Reads all header fields of this name. */
  static LoginHeader parse(List<String> fields) {
    if (fields.isEmpty()) {
      return new None();
    }
    if (fields.size() > 1) {
      return new Malformed("there is more than one header Authorization");
    }
    String text = fields.get(0).strip();
    int space = text.indexOf(' ');
    String value = space < 0 ? "" : text.substring(space + 1).strip();
    String scheme = (space < 0 ? text : text.substring(0, space)).toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "basic" -> basic(value);
      case "bearer" ->
          value.isEmpty() || value.indexOf(' ') >= 0
              ? new Malformed("after Bearer comes one token")
              : new Bearer(value);
      default -> new Malformed("the scheme of Authorization is neither Basic nor Bearer");
    };
  }

  private static LoginHeader basic(String value) {
    String text;
    try {
      byte[] bytes = Base64.getDecoder().decode(value);
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException e) {
      return new Malformed("after Basic comes Base64");
    } catch (CharacterCodingException e) {
      return new Malformed("the user name and the password are not UTF-8");
    }
    int colon = text.indexOf(':');
    if (colon < 0) {
      return new Malformed("there is no colon between user name and password");
    }
    if (text.chars().anyMatch(Character::isISOControl)) {
      return new Malformed("the user name or the password has a control character");
    }
    return new Basic(new PasswordLogin(text.substring(0, colon), text.substring(colon + 1)));
  }
}
