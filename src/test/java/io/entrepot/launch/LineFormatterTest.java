package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LineFormatterTest {
  private final LineFormatter formatter = new LineFormatter();

  @Test
  void recordIsOneLine() {
    LogRecord record = record("fetched {0}");
    record.setParameters(new Object[] {"sha256:ab"});
    assertThat(formatter.format(record))
        .isEqualTo("2026-01-02T03:04:05.678Z INFO    io.entrepot.cache fetched sha256:ab\n");
  }

  @Test
  void messageCannotFakeAnotherRecord() {
    assertThat(formatter.format(record("a\r\n2026-01-02T03:04:05Z INFO b\u001b[2K\n")).lines())
        .singleElement()
        .asString()
        .endsWith(" a 2026-01-02T03:04:05Z INFO b [2K");
  }

  @Test
  void stackTraceStandsBelow() {
    LogRecord record = record("failed");
    record.setThrown(new IllegalStateException("why"));
    assertThat(formatter.format(record).lines())
        .startsWith(
            "2026-01-02T03:04:05.678Z INFO    io.entrepot.cache failed",
            "java.lang.IllegalStateException: why")
        .element(2)
        .asString()
        .startsWith("\tat io.entrepot.launch.LineFormatterTest");
  }

  private static LogRecord record(String message) {
    LogRecord record = new LogRecord(Level.INFO, message);
    record.setLoggerName("io.entrepot.cache");
    record.setInstant(Instant.parse("2026-01-02T03:04:05.678901Z"));
    return record;
  }
}
