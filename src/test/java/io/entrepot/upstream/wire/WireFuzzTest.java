package io.entrepot.upstream.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/** Any bytes in the header fields that say where to go and when (S2, S11). */
class WireFuzzTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-30T00:00:00Z"), ZoneOffset.UTC);
  private static final URI BASE = URI.create("https://registry.example/v2/team/app/blobs/x?a=b");

  @FuzzTest
  void retryAfter(byte[] data) {
    Duration wait = RetryAfter.parse(new String(data, ISO_8859_1), CLOCK);
    if (wait != null) {
      assertThat(wait).isBetween(Duration.ZERO, RetryAfter.MAX);
    }
  }

  /** A byte chooses what is read next; the text is all of it. */
  @FuzzTest
  void scanner(byte[] data) {
    String text = new String(data, ISO_8859_1);
    FieldScanner in = new FieldScanner(text);
    int before = 0;
    for (byte step : data) {
      String read =
          switch (step & 7) {
            case 0 -> in.token();
            case 1 -> in.token68();
            case 2 -> in.value();
            case 3 -> in.until('>');
            case 4 -> in.take(',') ? "," : null;
            case 5 -> in.skipSpace() ? "" : null;
            default -> {
              in.skipSeparators();
              yield null;
            }
          };
      assertThat(in.position()).isBetween(before, text.length());
      if (read != null) {
        assertThat(read.length()).isLessThanOrEqualTo(in.position() - before);
      }
      before = in.position();
    }
  }

  /** However the other side writes each letter of a secret, it is found (S36). */
  @FuzzTest
  void secrets(byte[] data) {
    String secret = new String(data, UTF_8).strip();
    if (secret.length() < 16 || secret.length() > 1000) {
      return;
    }
    StringBuilder told = new StringBuilder();
    for (int i = 0; i < secret.length(); i++) {
      told.append(written(secret.charAt(i), data[i % data.length] + i));
    }
    SentSecrets secrets = new SentSecrets();
    secrets.sentCredential(secret);
    assertThat(secrets.isTold(told.toString())).isTrue();
    String hidden = secrets.hide("you sent " + told + " to us");
    assertThat(hidden).doesNotContain(told);
    assertThat(secrets.isTold(hidden)).isFalse();
  }

  private static String written(char letter, int way) {
    boolean plain = Character.isLetterOrDigit(letter);
    return switch (way & 3) {
      case 0 -> "\\u%04x".formatted((int) letter);
      case 1 -> "&#%d;".formatted((int) letter);
      case 2 ->
          Character.isSurrogate(letter)
              ? "\\u%04x".formatted((int) letter)
              : URLEncoder.encode(String.valueOf(letter), UTF_8).replace("+", "%20");
      default -> plain ? String.valueOf(letter) : "&#x%x;".formatted((int) letter);
    };
  }

  @FuzzTest
  void locations(byte[] data) {
    URI reference;
    try {
      reference = new URI(new String(data, ISO_8859_1));
    } catch (URISyntaxException e) {
      return;
    }
    URI target = Location.resolve(BASE, reference);
    assertThat(target.isAbsolute()).isTrue();
    if (reference.getScheme() == null) {
      assertThat(target.getRawFragment()).isNull();
    }
    if (reference.getScheme() == null && reference.getRawAuthority() == null) {
      assertThat(target.getRawAuthority()).isEqualTo(BASE.getRawAuthority());
    }
  }
}
