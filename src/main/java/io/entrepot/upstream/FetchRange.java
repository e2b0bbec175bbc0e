package io.entrepot.upstream;

import org.jspecify.annotations.Nullable;

/**
 * The part of a blob that an upstream is asked for.
 *
 * @param first offset of the first byte, 0 or more
 * @param last offset of the last byte, {@link Long#MAX_VALUE} for "to the end"
 * @param after the response that broke off and that this one continues, or null
 */
public record FetchRange(long first, long last, @Nullable BrokenResponse after) {
  public static final FetchRange WHOLE = new FetchRange(0, Long.MAX_VALUE, null);

  public boolean isWhole() {
    return first == 0 && last == Long.MAX_VALUE;
  }
}
