package io.entrepot.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Signs what this node asks other nodes, and checks what they ask. A signature is an HMAC over all
 * that decides: method, path, range, who asks, who is asked, time, and a number that is used once.
 * The secret is never sent. Thread-safe. Its monitor is innermost.
 */
public final class SignedRequests {
  /** So far the time of a request may be off. Clocks of nodes agree to a second. */
  static final Duration WINDOW = Duration.ofSeconds(5);

  /** So many requests in {@link #WINDOW}, there and back, are remembered: 4 MB at most. */
  private static final int MOST = 20_000;

  private static final String RANGE = "Range";
  private static final String FROM = "Entrepot-Node";
  private static final String TIME = "Entrepot-Time";
  private static final String NONCE = "Entrepot-Nonce";
  private static final String SIGNATURE = "Entrepot-Signature";
  private static final int NONCE_BYTES = 16;

  private final byte[] key;
  private final String node;
  private final Clock clock;
  private final SecureRandom random;
  private final Instant begun;
  private final Map<String, Instant> seen = new LinkedHashMap<>();

  /** The headers of a request by their names. */
  @FunctionalInterface
  public interface Headers {
    /** Null if there is none, or more than one. */
    @Nullable String get(String name);
  }

  /**
   * Begins.
   *
   * @param node the name of this node
   */
  public SignedRequests(ClusterSecret secret, String node, Clock clock, SecureRandom random) {
    this.key = secret.keyFor("requests of nodes");
    this.node = node;
    this.clock = clock;
    this.random = random;
    this.begun = clock.instant();
  }

  /**
   * The headers of a GET.
   *
   * @param target the name of the node that is asked
   * @param path with its query
   */
  public Map<String, String> sign(String target, String path, String range) {
    byte[] once = new byte[NONCE_BYTES];
    random.nextBytes(once);
    String nonce = HexFormat.of().formatHex(once);
    String time = String.valueOf(clock.millis());
    return Map.of(
        RANGE, range,
        FROM, node,
        TIME, time,
        NONCE, nonce,
        SIGNATURE, signature("GET", path, range, node, target, time, nonce));
  }

  private String signature(String... parts) {
    return HexFormat.of().formatHex(ClusterSecret.hmac(key, String.join("\n", parts)));
  }

  /**
   * Checks a request to this node.
   *
   * @param path with its query, as it was sent
   * @throws OciException if no node of this cluster has signed it for this one just now
   */
  public void check(String method, String path, Headers headers) {
    String from = text(headers, FROM);
    String time = text(headers, TIME);
    String nonce = text(headers, NONCE);
    String expected = signature(method, path, text(headers, RANGE), from, node, time, nonce);
    boolean right =
        MessageDigest.isEqual(
            expected.getBytes(US_ASCII), text(headers, SIGNATURE).getBytes(US_ASCII));
    if (!right) {
      throw refused("no node has signed this request for the node " + node);
    }
    Instant at = Instant.ofEpochMilli(Long.parseLong(time)); // a node has written it
    Instant now = clock.instant();
    Duration off = Duration.between(at, now);
    if (off.abs().compareTo(WINDOW) > 0) {
      throw refused(
          "the clocks of the nodes %s and %s are %d ms apart; set them by NTP"
              .formatted(from, node, off.abs().toMillis()));
    }
    // What was asked before the start is not remembered.
    if (at.isBefore(begun) || !isNew(nonce, now)) {
      throw refused("this request was sent before");
    }
  }

  private synchronized boolean isNew(String nonce, Instant now) {
    Iterator<Instant> oldest = seen.values().iterator();
    while (oldest.hasNext() && oldest.next().isBefore(now)) {
      oldest.remove();
    }
    if (seen.size() >= MOST) {
      throw new OciException(OciError.UNAVAILABLE, "other nodes ask too often");
    }
    return seen.putIfAbsent(nonce, now.plus(WINDOW).plus(WINDOW)) == null;
  }

  private static String text(Headers headers, String name) {
    String value = headers.get(name);
    return value == null ? "" : value;
  }

  private static OciException refused(String why) {
    return new OciException(OciError.UNAUTHORIZED, why);
  }
}
