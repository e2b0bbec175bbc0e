package io.entrepot.oci;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/** A running hash of bytes that must come out as one expected digest. Not thread-safe. */
public final class DigestVerifier {
  private final Digest expected;
  private final MessageDigest hash;

  DigestVerifier(Digest expected) {
    this.expected = expected;
    this.hash = expected.algorithm().newMessageDigest();
  }

  /** Takes the remaining bytes of the buffer; its position moves to its limit. */
  public void update(ByteBuffer bytes) {
    hash.update(bytes);
  }

  public void update(byte[] bytes, int offset, int length) {
    hash.update(bytes, offset, length);
  }

  /** The digest of what was taken so far; the hash goes on. */
  public Digest soFar() {
    try {
      MessageDigest copy = (MessageDigest) hash.clone();
      return new Digest(expected.algorithm(), HexFormat.of().formatHex(copy.digest()));
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("This Java runtime cannot copy a running hash", e);
    }
  }

  /** Ends the hash: the digest of what was taken. The verifier then starts afresh. */
  public Digest finish() {
    return new Digest(expected.algorithm(), HexFormat.of().formatHex(hash.digest()));
  }

  public Digest expected() {
    return expected;
  }
}
