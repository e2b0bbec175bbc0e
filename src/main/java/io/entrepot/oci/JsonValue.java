package io.entrepot.oci;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One value in a document that {@link ForeignJson} reads. It can be read once, and only during the
 * call that gets it. What is not read is skipped. Used by one thread.
 */
public final class JsonValue {
  /** The most names of an object whose names are compared. A manifest has some ten. */
  private static final int MAX_NAMES = 1_000;

  private final JsonParser parser;

  JsonValue(JsonParser parser) {
    this.parser = parser;
  }

  /** Gets the fields of an object. */
  @FunctionalInterface
  public interface Fields {
    void field(String name, JsonValue value) throws IOException;
  }

  /** Gets a document, or each entry of a list. */
  @FunctionalInterface
  public interface Reading {
    void read(JsonValue value) throws IOException;
  }

  public boolean isObject() {
    return parser.hasToken(JsonToken.START_OBJECT);
  }

  public boolean isList() {
    return parser.hasToken(JsonToken.START_ARRAY);
  }

  public boolean isString() {
    return parser.hasToken(JsonToken.VALUE_STRING);
  }

  public boolean isBoolean() {
    return parser.hasToken(JsonToken.VALUE_TRUE) || parser.hasToken(JsonToken.VALUE_FALSE);
  }

  public boolean isNull() {
    return parser.hasToken(JsonToken.VALUE_NULL);
  }

  /** The text of a string, a number or a boolean; empty for anything else. */
  public String text() throws IOException {
    return parser.currentToken().isScalarValue() && !isNull() ? parser.getText() : "";
  }

  /** A whole number; empty for anything else, and for a number of more than 64 bits. */
  public OptionalLong number() throws IOException {
    return parser.hasToken(JsonToken.VALUE_NUMBER_INT)
            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
        ? OptionalLong.of(parser.getLongValue())
        : OptionalLong.empty();
  }

  /** Reads the fields of an object. Anything else has none. */
  public void fields(Fields fields) throws IOException {
    if (!isObject()) {
      return;
    }
    while (next() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      next();
      read(value -> fields.field(name, value));
    }
  }

  /**
   * Like {@link #fields}, but refuses an object with a name that occurs twice: two readers could
   * differ about which value counts.
   */
  public void distinctFields(Fields fields) throws IOException {
    Set<String> names = new HashSet<>();
    fields(
        (name, value) -> {
          if (names.size() == MAX_NAMES || !names.add(name)) {
            throw new UnusableJsonException(
                "it is not JSON: its field " + Quoted.of(name) + " is there twice or one too many");
          }
          fields.field(name, value);
        });
  }

  /** Reads the entries of a list. Anything else has none. */
  public void entries(Reading entries) throws IOException {
    if (!isList()) {
      return;
    }
    while (next() != JsonToken.END_ARRAY) {
      read(entries);
    }
  }

  /** Where this list or object begins, or where one ends that was just read: in characters. */
  public int position() {
    return (int) parser.currentTokenLocation().getCharOffset();
  }

  private JsonToken next() throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw new UnusableJsonException("it is not JSON: it ends too early");
    }
    return token;
  }

  /** Hands this value out, and skips what of it is not read. */
  void read(Reading reading) throws IOException {
    reading.read(this);
    if (isObject() || isList()) {
      parser.skipChildren();
    }
  }
}
