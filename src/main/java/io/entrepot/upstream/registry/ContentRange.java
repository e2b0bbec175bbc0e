package io.entrepot.upstream.registry;

import io.entrepot.upstream.FetchRange;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of a blob that a response has (RFC 9110, 14.4).
 *
 * @param first offset of the first byte, or -1 where the response has none of it (416)
 * @param last offset of the last byte, or -1 likewise
 * @param size of the whole blob, where the upstream says
 */
record ContentRange(long first, long last, OptionalLong size) {
  private static final String NUMBER = "(\\d{1,18})";
  private static final Pattern SATISFIED =
      Pattern.compile("bytes +" + NUMBER + "-" + NUMBER + "/(?:" + NUMBER + "|\\*)");
  private static final Pattern UNSATISFIED = Pattern.compile("bytes +\\*/" + NUMBER);

  /** Reads a {@code Content-Range} header; empty where it is none, or contradicts itself. */
  static Optional<ContentRange> parse(@Nullable String header) {
    String text = header == null ? "" : header.strip();
    Matcher none = UNSATISFIED.matcher(text);
    if (none.matches()) {
      return Optional.of(new ContentRange(-1, -1, number(none.group(1))));
    }
    Matcher some = SATISFIED.matcher(text);
    if (!some.matches()) {
      return Optional.empty();
    }
    long first = Long.parseLong(some.group(1));
    long last = Long.parseLong(some.group(2));
    OptionalLong size = number(some.group(3));
    boolean sound = first <= last && last < size.orElse(Long.MAX_VALUE);
    return sound ? Optional.of(new ContentRange(first, last, size)) : Optional.empty();
  }

  private static OptionalLong number(@Nullable String digits) {
    return digits == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(digits));
  }

  /** Whether this is exactly the part that was asked for, up to the end of the blob. */
  boolean answers(FetchRange asked) {
    long end = size.isPresent() ? Math.min(asked.last(), size.getAsLong() - 1) : asked.last();
    boolean open = size.isEmpty() && asked.last() == Long.MAX_VALUE;
    return first == asked.first() && (last == end || open);
  }
}
