package io.entrepot.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The address of content: a hash of its bytes, such as {@code sha256:6c3c…} (image-spec,
 * "Digests"). Only sha256 and sha512 with lowercase hex of the right length are allowed. So a
 * digest can be part of a file path without danger (S9).
 *
 * @param algorithm the hash function
 * @param hex lowercase, exactly {@link Algorithm#hexLength()} characters
 */
public record Digest(Algorithm algorithm, String hex) implements Reference {

  /** A digest of any algorithm (image-spec, "Digests"). */
  private static final Pattern ANY =
      Pattern.compile("[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+");

  /**
   * The lengths behind the colon that are taken for a digest. What has less than 128 bits in hex
   * protects nothing, and {@code latest:1} is an error of typing.
   */
  private static final int MIN_ENCODED = 32;

  private static final int MAX_ENCODED = 512;

  /** The registered algorithms of the image-spec. */
  public enum Algorithm {
    SHA256("sha256", "SHA-256", 64),
    SHA512("sha512", "SHA-512", 128);

    private final String label;
    private final String jcaName;
    private final int hexLength;

    Algorithm(String label, String jcaName, int hexLength) {
      this.label = label;
      this.jcaName = jcaName;
      this.hexLength = hexLength;
    }

    /** The name before the colon, {@code sha256}. */
    public String label() {
      return label;
    }

    public int hexLength() {
      return hexLength;
    }

    MessageDigest newMessageDigest() {
      try {
        return MessageDigest.getInstance(jcaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("this Java runtime has no " + jcaName, e);
      }
    }
  }

  public Digest {
    if (hex.length() != algorithm.hexLength() || !isLowercaseHex(hex)) {
      throw new IllegalArgumentException(
          "not the hex digits of a " + algorithm.label() + " digest");
    }
  }

  /**
   * Reads untrusted text.
   *
   * @throws OciException for every other text than {@code sha256:<64 lowercase hex>} or {@code
   *     sha512:<128 lowercase hex>}: with {@link OciError#ALGORITHM_UNSUPPORTED} for a digest of
   *     another algorithm, else with {@link OciError#DIGEST_INVALID}
   */
  public static Digest parse(String text) {
    for (Algorithm algorithm : Algorithm.values()) {
      int colon = algorithm.label().length();
      if (text.startsWith(algorithm.label())
          && text.length() == colon + 1 + algorithm.hexLength()
          && text.charAt(colon) == ':') {
        String hex = text.substring(colon + 1);
        if (isLowercaseHex(hex)) {
          return new Digest(algorithm, hex);
        }
      }
    }
    throw refusal(text);
  }

  /** Whether text is a digest by an algorithm that cannot be verified here. */
  static boolean isOfOtherAlgorithm(String text) {
    String label = text.substring(0, Math.max(0, text.indexOf(':')));
    return Arrays.stream(Algorithm.values()).noneMatch(a -> a.label().equals(label))
        && ANY.matcher(text).matches();
  }

  private static OciException refusal(String text) {
    int encoded = text.length() - text.indexOf(':') - 1;
    return encoded >= MIN_ENCODED && encoded <= MAX_ENCODED && isOfOtherAlgorithm(text)
        ? new OciException(
            OciError.ALGORITHM_UNSUPPORTED,
            "content of " + Quoted.of(text) + " cannot be verified: only sha256 and sha512 can")
        : new OciException(
            OciError.DIGEST_INVALID,
            Quoted.of(text) + " is not a digest: sha256 with 64 or sha512 with 128 lowercase hex");
  }

  /** Reads text that this program has written itself. */
  public static Digest of(String text) {
    return parse(text);
  }

  /** Computes the digest of bytes. */
  public static Digest ofBytes(Algorithm algorithm, byte[] bytes) {
    return new Digest(
        algorithm, HexFormat.of().formatHex(algorithm.newMessageDigest().digest(bytes)));
  }

  /** Describes digests in a message: the digest if there is one, else the number of digests. */
  public static String describe(Collection<Digest> digests) {
    return digests.size() == 1 ? digests.iterator().next().toString() : digests.size() + " digests";
  }

  /** Makes a verifier for content that arrives in pieces. */
  public DigestVerifier verifier() {
    return new DigestVerifier(this);
  }

  /** Whether this is the digest of these bytes. */
  public boolean matches(byte[] bytes) {
    return equals(ofBytes(algorithm, bytes));
  }

  private static boolean isLowercaseHex(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Ascii.isDigit(c) && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return algorithm.label() + ":" + hex;
  }
}
