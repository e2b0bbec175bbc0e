package io.entrepot.upstream.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Json;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.UpstreamFailures;
import java.io.IOException;

/** Reads the body of a list as JSON, bounded in size and depth (S12). */
final class JsonBody {
  /** Some 50,000 tags of 80 characters: more than the largest known repository sends at once. */
  static final int MAX_BYTES = 4 << 20;

  private static final int MAX_DEPTH = 64;
  private static final ObjectMapper JSON = Json.mapper(MAX_DEPTH);

  private JsonBody() {}

  /** Reads the body, which must be an object. */
  static JsonNode read(Answer answer) throws UpstreamException {
    return parse(answer, answer.readAll(MAX_BYTES));
  }

  static JsonNode parse(Answer answer, byte[] bytes) throws UpstreamException {
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw UpstreamFailures.invalid(
          answer, "it is not JSON: " + Messages.quote(e.getOriginalMessage()));
    } catch (IOException e) {
      throw UpstreamFailures.invalid(answer, "it is not JSON", e);
    }
    if (root == null || !root.isObject()) {
      throw UpstreamFailures.invalid(answer, "it is no JSON object");
    }
    return root;
  }

  static byte[] write(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON that was read cannot be written", e);
    }
  }
}
