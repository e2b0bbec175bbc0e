package io.entrepot.upstream;

import io.entrepot.oci.Quoted;
import java.net.URI;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Text and URLs of an upstream, made safe for a message: short, printable, without secrets. */
public final class Messages {
  private static final Pattern QUERY = Pattern.compile("\\?[^\\s\"']*");
  private static final Pattern ADDRESS =
      Pattern.compile(
          "[a-z][a-z0-9+.-]*://[^\\s\"']+" // a URL
              + "|\\b\\d{1,3}(?:\\.\\d{1,3}){3}(?::\\d+)?\\b"
              + "|\\[[0-9a-f:.%]*:[0-9a-f:.%]*](?::\\d+)?"
              + "|\\b(?:localhost|(?:[a-z0-9_-]+\\.)+[a-z][a-z0-9-]*):\\d{1,5}\\b"
              + "|\\b(?:bearer|basic)\\s+[a-z0-9._~+/=-]{8,}"
              + "|\\beyj[a-z0-9_-]+\\.[a-z0-9._-]+", // a JWT
          Pattern.CASE_INSENSITIVE);

  private Messages() {}

  /** A URL without user, query and fragment. */
  public static String url(URI uri) {
    if (uri.getHost() == null) {
      return "without a host";
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return uri.getScheme() + "://" + uri.getHost() + port + path;
  }

  /** Text of an upstream in quotes: cut short, printable, query strings removed. */
  public static String quote(@Nullable String text) {
    return text == null ? "no message" : Quoted.of(QUERY.matcher(text).replaceAll("?…"));
  }

  /**
   * Words of an upstream without the addresses, host names with a port, and proofs in them. Clients
   * may know what an upstream says, but not where it is.
   */
  public static String withoutAddresses(String words) {
    return ADDRESS.matcher(words).replaceAll("…");
  }

  /** Words of an upstream without the name of its host. */
  public static String withoutHost(String words, URI uri) {
    String host = uri.getHost();
    boolean telling = host != null && host.contains(".");
    return telling ? words.replaceAll("(?i)" + Pattern.quote(host) + "(?::\\d+)?", "…") : words;
  }

  /**
   * The code and message of an error body: the first OCI error, or the error of a token service.
   *
   * @param redactor takes the secrets out of what is quoted
   * @return an empty text, or {@code (DENIED "requested access…")} with a space before it
   */
  public static String excerpt(byte[] body, UnaryOperator<String> redactor) {
    RegistryError error = RegistryError.read(body);
    String said =
        Stream.of(error.code(), error.message())
            .filter(text -> !text.isEmpty())
            .map(redactor)
            .map(Messages::quote)
            .collect(Collectors.joining(" "));
    return said.isEmpty() ? "" : " (" + said + ")";
  }
}
