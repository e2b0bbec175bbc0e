package io.entrepot.access;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.util.Base64URL;
import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A token that somebody else has signed (JWS, RFC 7515), taken apart. Nothing that it says is
 * proven before its signature is. Where its header says that keys are to be found is never looked
 * at.
 *
 * @param algorithm RSA or ECDSA. Others are no tokens for us: {@code none} proves nothing, and a
 *     secret that is shared would be our public key.
 * @param keyId the name of the key, or null
 * @param certificates the header {@code x5c}: Base64 of DER, that of the key first
 * @param signed what the signature is about
 */
record SignedToken(
    JWSAlgorithm algorithm,
    @Nullable String keyId,
    List<String> certificates,
    TokenClaims claims,
    String signed,
    Base64URL signature) {
  /** Four times the token of a CI system. Servers take headers of 8 KiB by default. */
  static final int MAX_LENGTH = 16 << 10;

  /** A chain is short: the key, its authority, and perhaps one between them. */
  private static final int MAX_CERTIFICATES = 5;

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_LENGTH);

  private static final Map<String, JWSAlgorithm> ALGORITHMS =
      Map.of(
          "RS256", JWSAlgorithm.RS256,
          "RS384", JWSAlgorithm.RS384,
          "RS512", JWSAlgorithm.RS512,
          "PS256", JWSAlgorithm.PS256,
          "PS384", JWSAlgorithm.PS384,
          "PS512", JWSAlgorithm.PS512,
          "ES256", JWSAlgorithm.ES256,
          "ES384", JWSAlgorithm.ES384,
          "ES512", JWSAlgorithm.ES512);

  /** Whether a text has the form of a token: three parts of Base64. Reads none of them. */
  static boolean looksLikeOne(String text) {
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    return text.length() <= MAX_LENGTH
        && text.startsWith("ey")
        && first > 0
        && second > first
        && text.indexOf('.', second + 1) < 0;
  }

  /** Takes a token apart; empty if it is none, or is signed in a way that we do not take. */
  static Optional<SignedToken> parse(String text) {
    if (!looksLikeOne(text)) {
      return Optional.empty();
    }
    String[] parts = text.split("\\.", -1);
    try {
      Header header = Header.read(decode(parts[0]));
      JWSAlgorithm algorithm = ALGORITHMS.get(header.texts.getOrDefault("alg", ""));
      if (algorithm == null || header.isCritical || header.chain.size() > MAX_CERTIFICATES) {
        return Optional.empty();
      }
      var unused = decode(parts[2]);
      return Optional.of(
          new SignedToken(
              algorithm,
              header.texts.getOrDefault("kid", header.texts.get("jwk.kid")),
              List.copyOf(header.chain),
              TokenClaims.read(decode(parts[1])),
              parts[0] + "." + parts[1],
              new Base64URL(parts[2])));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static byte[] decode(String part) {
    return Base64.getUrlDecoder().decode(part.getBytes(US_ASCII));
  }

  byte[] signedBytes() {
    return signed.getBytes(US_ASCII);
  }

  /** The fields of a header that count. */
  private static final class Header implements JsonValue.Fields {
    private final Map<String, String> texts = new HashMap<>();
    private final List<String> chain = new ArrayList<>();

    /** Whether there is a field that its sender wants to be understood. We understand none. */
    private boolean isCritical;

    static Header read(byte[] json) throws IOException {
      Header header = new Header();
      JSON.read(json, root -> root.distinctFields(header));
      return header;
    }

    @Override
    public void field(String name, JsonValue value) throws IOException {
      switch (name) {
        case "alg", "kid" -> texts.put(name, value.text());
        case "crit", "b64" -> isCritical = true;
        // The name alone: distribution's own token service sends its key so, and no kid beside it.
        case "jwk" ->
            value.fields(
                (inner, text) -> {
                  if (inner.equals("kid") && text.isString()) {
                    texts.put("jwk.kid", text.text());
                  }
                });
        case "x5c" -> value.entries(entry -> chain.add(entry.text()));
        default -> {
          // Nothing else counts. jku, x5u and the rest of jwk would let the sender choose the key.
        }
      }
    }
  }

  @Override
  public String toString() {
    return "a token";
  }
}
