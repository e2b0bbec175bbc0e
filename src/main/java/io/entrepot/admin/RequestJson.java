package io.entrepot.admin;

import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import io.entrepot.oci.Quoted;
import io.entrepot.oci.UnusableJsonException;
import jakarta.ws.rs.BadRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The JSON object in the body of a request: texts, booleans, and lists of texts. */
final class RequestJson {
  private static final int MAX_BYTES = 16 << 10;
  private static final ForeignJson JSON = ForeignJson.upTo(MAX_BYTES);

  private final Map<String, List<String>> texts = new HashMap<>();
  private final Map<String, Boolean> flags = new HashMap<>();

  private RequestJson() {}

  /**
   * Reads a body.
   *
   * @param known the names of the fields that it may have
   * @throws BadRequestException with a sentence, if it is not JSON, too large, or has another field
   */
  static RequestJson read(InputStream body, Set<String> known) {
    RequestJson json = new RequestJson();
    try {
      JSON.read(
          body, object -> object.distinctFields((name, value) -> json.field(name, value, known)));
    } catch (UnusableJsonException e) {
      throw new BadRequestException("the body cannot be used: " + e.getMessage());
    } catch (IOException e) {
      throw new BadRequestException("the body cannot be read");
    }
    return json;
  }

  private void field(String name, JsonValue value, Set<String> known) throws IOException {
    if (!known.contains(name)) {
      throw new UnusableJsonException(
          "it has an unknown field " + Quoted.of(name) + "; known are " + String.join(", ", known));
    }
    if (value.isNull()) {
      return;
    }
    if (value.isList()) {
      List<String> values = new ArrayList<>();
      value.entries(entry -> values.add(text(name, entry)));
      texts.put(name, values);
    } else if (value.isBoolean()) {
      flags.put(name, Boolean.valueOf(value.text()));
    } else {
      texts.put(name, List.of(text(name, value)));
    }
  }

  private static String text(String name, JsonValue value) throws IOException {
    if (!value.isString()) {
      throw new UnusableJsonException("the value of " + Quoted.of(name) + " is no text");
    }
    return value.text();
  }

  /** The text of a field that must be there. */
  String text(String name) {
    List<String> values = texts(name);
    if (values.size() != 1) {
      throw new BadRequestException("the field " + name + " must have one value, a text");
    }
    return values.get(0);
  }

  /** The texts of a field; empty if it is not there. */
  List<String> texts(String name) {
    return texts.getOrDefault(name, List.of());
  }

  /** Whether a field is true; null if it is not there. */
  @Nullable Boolean flag(String name) {
    if (texts.containsKey(name)) {
      throw new BadRequestException("the field " + name + " must be true or false");
    }
    return flags.get(name);
  }
}
