package io.entrepot.oci;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The decoding of a query or a form ({@code application/x-www-form-urlencoded}, WHATWG URL, 5.1).
 * {@code URLDecoder} of the JDK replaces bytes that are not UTF-8, so that nobody can tell them
 * from a replacement character that was sent.
 */
public final class FormText {
  private FormText() {}

  /**
   * Decodes a name or a value.
   *
   * @throws IllegalArgumentException if an escape is broken
   * @throws CharacterCodingException if the bytes are not UTF-8
   */
  public static String decode(String text) throws CharacterCodingException {
    byte[] from = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer to = ByteBuffer.allocate(from.length);
    for (int i = 0; i < from.length; i++) {
      if (from[i] == '%') {
        to.put(escaped(from, i));
        i += 2;
      } else {
        to.put(from[i] == '+' ? (byte) ' ' : from[i]);
      }
    }
    return StandardCharsets.UTF_8.newDecoder().decode(to.flip()).toString();
  }

  private static byte escaped(byte[] from, int at) {
    if (at + 2 >= from.length
        || !HexFormat.isHexDigit(from[at + 1])
        || !HexFormat.isHexDigit(from[at + 2])) {
      throw new IllegalArgumentException("a broken escape");
    }
    return (byte)
        (HexFormat.fromHexDigit(from[at + 1]) << 4 | HexFormat.fromHexDigit(from[at + 2]));
  }
}
