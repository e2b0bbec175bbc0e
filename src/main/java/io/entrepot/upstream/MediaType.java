package io.entrepot.upstream;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The media type in a {@code Content-Type}. Its parameters are not passed on (S11). */
public final class MediaType {
  public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  public static final String OCTETS = "application/octet-stream";

  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}";
  private static final Pattern TYPE = Pattern.compile(NAME + "/" + NAME);

  private MediaType() {}

  /** The type without parameters; empty where RFC 6838, 4.2 allows no such type. */
  public static Optional<String> parse(@Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    int semicolon = header.indexOf(';');
    String type = (semicolon < 0 ? header : header.substring(0, semicolon)).strip();
    return TYPE.matcher(type).matches() ? Optional.of(type) : Optional.empty();
  }
}
