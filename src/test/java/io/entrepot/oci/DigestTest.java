package io.entrepot.oci;

import static io.entrepot.oci.OciAssert.assertRefused;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
  private static final Pattern GRAMMAR =
      Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");
  private static final String EMPTY_256 =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @Test
  void knownDigestOfNoBytes() {
    assertThat(Digest.ofBytes(Digest.Algorithm.SHA256, new byte[0])).hasToString(EMPTY_256);
    assertThat(Digest.parse(EMPTY_256).matches(new byte[0])).isTrue();
    assertThat(Digest.parse(EMPTY_256).matches(new byte[1])).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void bytesHashAsTheJdkSays(Digest.Algorithm algorithm) throws Exception {
    byte[] bytes = "entrepot".getBytes(UTF_8);
    String jdk = algorithm == Digest.Algorithm.SHA256 ? "SHA-256" : "SHA-512";
    String hex =
        String.format(
            Locale.ROOT,
            "%0" + algorithm.hexLength() + "x",
            new BigInteger(1, MessageDigest.getInstance(jdk).digest(bytes)));

    assertThat(Digest.ofBytes(algorithm, bytes))
        .isEqualTo(Digest.of(algorithm.label() + ":" + hex))
        .isEqualTo(new Digest(algorithm, hex));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "sha256",
        "sha256:",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85g",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85\n",
        "sha256:../../../../../../../../../../../../../../../../../../../../etc/passwd0",
        "sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "latest:1",
        "sha384:abc",
        "sha384:../../../../../../../../../../../../../../../../../../../../etc/passwd0",
        "SHA384:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      })
  void whatIsNoDigestIsRefused(String text) {
    assertRefused(OciError.DIGEST_INVALID, () -> Digest.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sha384:38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8"
      })
  void digestOfAnotherAlgorithmIsUnsupported(String text) {
    assertRefused(OciError.ALGORITHM_UNSUPPORTED, () -> Digest.parse(text));
  }

  @Test
  void hexOfAnotherLengthOrCaseIsNoDigest() {
    assertThatThrownBy(() -> new Digest(Digest.Algorithm.SHA256, "abc"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Digest(Digest.Algorithm.SHA256, "A".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void parseAcceptsTheGrammarAndNothingElse(@ForAll String text) {
    assertThat(accepts(text)).isEqualTo(GRAMMAR.matcher(text).matches());
  }

  @Property
  void oneWrongCharacterIsEnough(@ForAll @IntRange(min = 0, max = 70) int at, @ForAll char other) {
    StringBuilder text = new StringBuilder(EMPTY_256);
    text.setCharAt(at, other);

    assertThat(accepts(text.toString())).isEqualTo(GRAMMAR.matcher(text).matches());
  }

  @Property
  void parseUndoesToString(
      @ForAll @StringLength(64) @CharRange(from = '0', to = '9') @CharRange(from = 'a', to = 'f')
          String hex) {
    assertThat(Digest.parse("sha256:" + hex)).hasToString("sha256:" + hex);
    assertThat(Digest.parse("sha512:" + hex + hex)).hasToString("sha512:" + hex + hex);
  }

  @Property
  void verifierHashesWhateverTheChunks(
      @ForAll byte[] bytes, @ForAll @IntRange(min = 1, max = 50) int chunk) {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Digest expected = Digest.ofBytes(algorithm, bytes);
      DigestVerifier verifier = expected.verifier();
      for (int at = 0; at < bytes.length; at += chunk) {
        int length = Math.min(chunk, bytes.length - at);
        if (at % 2 == 0) {
          verifier.update(bytes, at, length);
        } else {
          verifier.update(ByteBuffer.wrap(bytes, at, length));
        }
      }
      assertThat(verifier.expected()).isEqualTo(expected);
      assertThat(verifier.finish()).isEqualTo(expected);
      assertThat(verifier.finish()).isEqualTo(Digest.ofBytes(algorithm, new byte[0]));
    }
  }

  private static boolean accepts(String text) {
    try {
      Digest.parse(text);
      return true;
    } catch (OciException e) {
      return false;
    }
  }
}
