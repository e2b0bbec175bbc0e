package io.entrepot.admin;

import io.entrepot.catalog.PinEntry;
import io.entrepot.expiry.Pins;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Quoted;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pins as people see and change them. Thread-safe. */
public final class PinList {
  private static final int MAX_LENGTH = 400;

  private final Pins pins;

  public PinList(Pins pins) {
    this.pins = pins;
  }

  /**
   * A pin.
   *
   * @param pattern a pattern of repositories and of their tags
   * @param source {@code settings} or {@code api}
   * @param added when somebody has added it, in ISO 8601; null for one of the settings
   */
  public record Entry(String pattern, String source, @Nullable String added) {
    private static Entry of(PinEntry pin) {
      return new Entry(pin.pattern(), "api", pin.addedAt().toString());
    }
  }

  List<Entry> entries() {
    return Stream.concat(
            pins.ofSettings().stream().map(pin -> new Entry(pin.toString(), "settings", null)),
            pins.added().stream().map(Entry::of))
        .toList();
  }

  boolean add(String pattern) {
    try {
      return switch (pins.add(checked(pattern))) {
        case DONE -> true;
        case SAME, OF_SETTINGS -> false;
        case FULL ->
            throw new ConflictException(
                "there are " + Pins.MAX + " pins already; take one away first");
      };
    } catch (IllegalArgumentException e) {
      throw invalid(pattern, e);
    }
  }

  boolean remove(String pattern) {
    try {
      return switch (pins.remove(checked(pattern))) {
        case DONE -> true;
        case SAME, FULL -> false;
        case OF_SETTINGS ->
            throw new ConflictException(
                Quoted.of(pattern) + " is in expiry.pins of the settings; change it there");
      };
    } catch (IllegalArgumentException e) {
      throw invalid(pattern, e);
    }
  }

  private static String checked(String pattern) {
    if (pattern.isBlank() || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("1 to " + MAX_LENGTH + " characters");
    }
    return pattern.strip();
  }

  private static OciException invalid(String pattern, IllegalArgumentException e) {
    String hint = e.getMessage() == null || e.getMessage().isEmpty() ? "" : ": " + e.getMessage();
    return new OciException(
        OciError.NAME_INVALID,
        Quoted.of(pattern) + " is no pin; write NAME or NAME:TAG, with * and ?" + hint);
  }
}
