package io.entrepot.expiry.quartz;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CronTimeTest {
  /** A Monday. */
  private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "0 3 * * *, 2026-12-01T03:00:00Z",
    "*/15 * * * *, 2026-11-30T12:15:00Z",
    "30 12 * * 1, 2026-11-30T12:30:00Z",
    "0 12 * * 1, 2026-12-07T12:00:00Z",
    "0 3 * * 0, 2026-12-06T03:00:00Z",
    "0 3 * * 7, 2026-12-06T03:00:00Z",
    "0 3 * * sat, 2026-12-05T03:00:00Z",
    "0 3 * * 3-5, 2026-12-02T03:00:00Z",
    "0 3 * * 3-5/2, 2026-12-02T03:00:00Z",
    "0 3 * * 2#1, 2026-12-01T03:00:00Z",
    "0 3 24 12 *, 2026-12-24T03:00:00Z",
    "0 3 24 12 ?, 2026-12-24T03:00:00Z",
    "0 3 ? jan 5, 2027-01-01T03:00:00Z",
  })
  void daysAreCountedAsCronCountsThem(String fields, Instant next) {
    CronTime time = new CronTime(List.of(fields.split(" ")), ZoneOffset.UTC);
    assertThat(time.next(NOON)).isEqualTo(next);
  }

  @Test
  void zoneOfTheMachineCounts() {
    CronTime time = new CronTime(List.of("0", "3", "*", "*", "*"), ZoneId.of("Europe/Berlin"));
    assertThat(time.next(NOON)).isEqualTo(Instant.parse("2026-12-01T02:00:00Z"));
  }
}
