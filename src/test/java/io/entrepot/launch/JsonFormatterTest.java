package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFormatterTest {
  private static final String ACCESS = "io.entrepot.access";

  private final JsonFormatter formatter = new JsonFormatter();

  private static LogRecord record(String logger, String message) {
    LogRecord record = new LogRecord(Level.INFO, message);
    record.setLoggerName(logger);
    record.setInstant(Instant.parse("2026-01-02T03:04:05.678901Z"));
    return record;
  }

  private JsonNode read(LogRecord record) throws JsonProcessingException {
    String line = formatter.format(record);
    assertThat(line).endsWith("}\n").doesNotContain("\r");
    assertThat(line.strip().lines()).hasSize(1);
    assertThat(line.strip().chars()).allMatch(c -> c >= ' ' && c <= '~');
    return new ObjectMapper().readTree(line);
  }

  @Test
  void recordIsOneObjectOnALine() {
    LogRecord record = record("io.entrepot.cache", "fetched {0}");
    record.setParameters(new Object[] {"sha256:ab"});
    assertThat(formatter.format(record))
        .isEqualTo(
            "{\"time\":\"2026-01-02T03:04:05.678Z\",\"level\":\"info\","
                + "\"logger\":\"io.entrepot.cache\",\"message\":\"fetched sha256:ab\"}\n");
  }

  /** S11: whatever a client or an upstream has sent, it stays inside its text. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\r\nb",
        "a\",\"level\":\"error",
        "back\\slash\\",
        "tab\tbell\u0007escape\u001b[2Kdelete\u007f\u0085",
        "line\u2028paragraph\u2029end",
        "half \ud83d of a character",
        "whole \ud83d\ude00 and \u00fc",
        "{}[],:"
      })
  void textIsEscaped(String text) throws JsonProcessingException {
    JsonNode read = read(record("io.entrepot.cache", text));
    assertThat(read.get("message").asText()).isEqualTo(text);
    assertThat(read.get("level").asText()).isEqualTo("info");
    assertThat(read).hasSize(4);
  }

  @ParameterizedTest
  @CsvSource({"SEVERE, error", "WARNING, warn", "INFO, info", "FINE, debug", "FINEST, debug"})
  void levelsHaveTheWordsOfTheSetting(String level, String word) throws JsonProcessingException {
    LogRecord record = record("io.entrepot.cache", "text");
    record.setLevel(Level.parse(level));
    assertThat(read(record).get("level").asText()).isEqualTo(word);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "method=\"GET\" path=\"/v2/a\" status=502 agent=\"x\" id=\"k3-17\"",
        "method=\"GET\" status=200 id=\"k3-17\" aborted=\"the client left\"",
        "A request failed with an unexpected exception id=\"k3-17\""
      })
  void requestIsNamedWhereItIsKnown(String message) throws JsonProcessingException {
    assertThat(read(record(ACCESS, message)).get("request").asText()).isEqualTo("k3-17");
    assertThat(read(record("io.entrepot.http.ErrorResponder", message)).get("request").asText())
        .isEqualTo("k3-17");
  }

  /**
   * Only our own field counts, which comes after all that clients send, and in which they cannot
   * put a quote.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "io.entrepot.access | agent=\"x id=?k3-17?\"",
        "io.entrepot.access | agent=\"x\" id=\"k3-17\" more=\"y\"",
        "io.entrepot.access | status=200",
        "io.entrepot.cache.ClientErrors | failed: id=\"k3-17\"",
        "org.example | id=\"k3-17\""
      })
  void requestIsNotGuessed(String logger, String message) throws JsonProcessingException {
    assertThat(read(record(logger, message)).has("request")).isFalse();
  }

  @Test
  void exceptionIsATextOfItsOwn() throws JsonProcessingException {
    LogRecord record = record("io.entrepot.cache", "failed");
    record.setThrown(new IllegalStateException("why\nand how"));
    assertThat(read(record).get("exception").asText())
        .startsWith("java.lang.IllegalStateException: why\nand how\n\tat io.entrepot.launch.");
  }

  @Test
  void longTextIsCutOff() throws JsonProcessingException {
    JsonNode read = read(record("io.entrepot.cache", "x".repeat(100_000)));
    assertThat(read.get("message").asText()).hasSize((32 << 10) + 3).endsWith("x...");
  }

  @Test
  void recordWithoutTextOrLoggerIsOneToo() throws JsonProcessingException {
    assertThat(read(record(null, null)).get("message").asText()).isEqualTo("null");
  }
}
