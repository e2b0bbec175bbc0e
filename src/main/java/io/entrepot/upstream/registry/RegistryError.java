package io.entrepot.upstream.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Json;
import io.entrepot.oci.OciError;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.wire.Answer;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/** The error JSON of a registry (distribution-spec 1.1, "Error Codes"). */
final class RegistryError {
  private static final int MAX_DEPTH = 32;
  private static final ObjectMapper JSON = Json.mapper(MAX_DEPTH);
  private static final Pattern CODE = Pattern.compile("[A-Z0-9_]{1,64}");

  private RegistryError() {}

  /** The code of the first error; empty if the answer is no error of a registry. Reads the body. */
  static Optional<String> code(Answer answer) {
    return code(first(answer.drain()));
  }

  private static Optional<String> code(JsonNode error) {
    return Optional.of(error.path("code").asText("")).filter(text -> CODE.matcher(text).matches());
  }

  /** What the upstream says about the parameters of a request. Reads the body. */
  static TagPage.Refusal refusal(Answer answer) {
    JsonNode error = first(answer.drain());
    String said = error.path("message").asText("");
    return new TagPage.Refusal(
        code(error).orElse(OciError.PAGE_INVALID.code()),
        "the upstream refuses the parameters of this request with status "
            + answer.status()
            + (said.isEmpty() ? "" : ": " + Messages.quote(said)));
  }

  private static JsonNode first(byte[] body) {
    try {
      JsonNode root = JSON.readTree(body);
      return root == null ? JSON.missingNode() : root.path("errors").path(0);
    } catch (IOException e) {
      return JSON.missingNode();
    }
  }
}
