package io.entrepot.memory;

/**
 * Estimates of the heap that objects take, in bytes. They are rather too large than too small: an
 * object is counted for each of its users, and a character has two bytes where it may be any.
 */
public final class Weight {
  /** An entry of a cache without its key and value: its node, its place in the table and order. */
  public static final int ENTRY = 128;

  /** A record with a few numbers, times or references. */
  public static final int RECORD = 64;

  /** A text without its characters: the string, its array, and the record around it. */
  private static final int TEXT = 72;

  private Weight() {}

  /** The weight of any text. */
  public static int of(String text) {
    return TEXT + 2 * text.length();
  }

  /** The weight of a text in ASCII, such as the name of a repository. Java keeps it in bytes. */
  public static int ofAscii(String text) {
    return TEXT + text.length();
  }
}
