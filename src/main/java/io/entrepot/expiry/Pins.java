package io.entrepot.expiry;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Pin;
import io.entrepot.catalog.PinEntry;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The pins: those of the settings, which stay as they are, and those that people add and take away
 * while this runs, which are kept in the catalog. A change counts from the next expiry on.
 * Thread-safe.
 */
public final class Pins implements Supplier<List<Pin>> {
  /** The question whether something is pinned names each pin. */
  public static final int MAX = 100;

  private final List<Pin> ofSettings;
  private final Catalog catalog;
  private final Function<String, List<Pin>> parser;
  private final Clock clock;
  private volatile List<Pin> all;

  /**
   * Reads the pins that were added.
   *
   * @param parser reads a pattern as people write it into one or more pins; throws {@link
   *     IllegalArgumentException} with a hint
   */
  public Pins(
      List<Pin> ofSettings, Catalog catalog, Function<String, List<Pin>> parser, Clock clock) {
    this.ofSettings = List.copyOf(ofSettings);
    this.catalog = catalog;
    this.parser = parser;
    this.clock = clock;
    this.all = read();
  }

  /** What came of a change. */
  public enum Outcome {
    DONE,
    /** It was so before. */
    SAME,
    /** There are too many pins. */
    FULL,
    /** The settings have this pin. */
    OF_SETTINGS
  }

  /** All pins. */
  @Override
  public List<Pin> get() {
    return all;
  }

  /** Those of the settings. */
  public List<Pin> ofSettings() {
    return ofSettings;
  }

  /** Those that people have added, by their patterns. */
  public List<PinEntry> added() {
    return catalog.pins().all();
  }

  /**
   * Adds a pin. Two who add the same one both succeed.
   *
   * @throws IllegalArgumentException with a hint, if it is no pattern, or no repository can match
   */
  public synchronized Outcome add(String pattern) {
    String text = Pin.parse(pattern).toString();
    List<Pin> pins = parser.apply(text);
    if (ofSettings.containsAll(pins)) {
      return Outcome.SAME;
    }
    boolean isKnown = added().stream().anyMatch(pin -> pin.pattern().equals(text));
    if (!isKnown && all.size() + pins.size() > MAX) {
      return Outcome.FULL;
    }
    boolean isNew =
        catalog.pins().add(new PinEntry(text, clock.instant().truncatedTo(ChronoUnit.MILLIS)));
    all = read();
    return isNew ? Outcome.DONE : Outcome.SAME;
  }

  /**
   * Takes a pin away. Two who take the same one away both succeed.
   *
   * @throws IllegalArgumentException as {@link #add}
   */
  public synchronized Outcome remove(String pattern) {
    String text = Pin.parse(pattern).toString();
    boolean isGone = catalog.pins().remove(text);
    all = read();
    if (isGone) {
      return Outcome.DONE;
    }
    return ofSettings.containsAll(parser.apply(text)) ? Outcome.OF_SETTINGS : Outcome.SAME;
  }

  /** Takes over what another node has changed. */
  public synchronized void readAgain() {
    all = read();
  }

  private List<Pin> read() {
    Stream<Pin> added = added().stream().flatMap(pin -> parse(pin.pattern()));
    return Stream.concat(ofSettings.stream(), added).distinct().limit(MAX).toList();
  }

  /** A pin whose upstream is not configured any more counts again when it is. */
  private Stream<Pin> parse(String pattern) {
    try {
      return parser.apply(pattern).stream();
    } catch (IllegalArgumentException e) {
      return Stream.empty();
    }
  }
}
