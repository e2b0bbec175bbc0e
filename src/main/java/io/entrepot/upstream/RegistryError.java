package io.entrepot.upstream;

import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The error JSON of a registry (distribution-spec 1.1, "Error Codes") or of a token service.
 *
 * @param isListed whether it has a list of errors, as a registry sends it
 * @param code the code of the first error, as it was sent; empty where it has none
 * @param message the message of the first error, or the details of a token service; or empty
 */
public record RegistryError(boolean isListed, String code, String message) {
  /** Of a longer body only the first bytes are read. They are then no whole JSON. */
  private static final int MAX_BYTES = 64 << 10;

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_BYTES);
  private static final Pattern CODE = Pattern.compile("[A-Z0-9_]{1,64}");

  /**
   * Reads the body of an error.
   *
   * @return without code and message where the body is no whole JSON
   */
  public static RegistryError read(byte[] body) {
    Fields fields = new Fields();
    try {
      JSON.read(body, root -> root.fields(fields));
    } catch (IOException e) {
      return new RegistryError(fields.isListed, "", "");
    }
    String message = fields.message.isEmpty() ? fields.details : fields.message;
    return new RegistryError(fields.isListed, fields.code, message);
  }

  /** The code, if it looks like one. */
  public Optional<String> knownCode() {
    return CODE.matcher(code).matches() ? Optional.of(code) : Optional.empty();
  }

  private static final class Fields implements JsonValue.Fields {
    private boolean isListed;
    private int errors;
    private String code = "";
    private String message = "";
    private String details = "";

    @Override
    public void field(String name, JsonValue value) throws IOException {
      if (name.equals("errors")) {
        isListed = value.isList();
        value.entries(
            error -> {
              if (errors++ == 0) {
                error.fields(this::ofError);
              }
            });
      } else if (name.equals("details")) {
        details = value.text();
      }
    }

    private void ofError(String name, JsonValue value) throws IOException {
      if (name.equals("code")) {
        code = value.text();
      } else if (name.equals("message")) {
        message = value.text();
      }
    }
  }
}
