package io.entrepot.oci;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A running hash of content that arrives in pieces, together with the digest that is expected in
 * the end. Not thread-safe.
 */
public final class DigestVerifier {
  private final Digest expected;
  private final MessageDigest hash;

  DigestVerifier(Digest expected) {
    this.expected = expected;
    this.hash = expected.algorithm().newMessageDigest();
  }

  /** Adds the remaining bytes of the buffer. Its position moves to its limit. */
  public void update(ByteBuffer bytes) {
    hash.update(bytes);
  }

  public void update(byte[] bytes, int offset, int length) {
    hash.update(bytes, offset, length);
  }

  /** The digest of all bytes so far. More bytes may follow. */
  public Digest soFar() {
    try {
      MessageDigest copy = (MessageDigest) hash.clone();
      return new Digest(expected.algorithm(), HexFormat.of().formatHex(copy.digest()));
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("this Java runtime cannot copy a running hash", e);
    }
  }

  /** The digest of all bytes. Afterwards the verifier starts again with no bytes. */
  public Digest finish() {
    return new Digest(expected.algorithm(), HexFormat.of().formatHex(hash.digest()));
  }

  public Digest expected() {
    return expected;
  }
}
