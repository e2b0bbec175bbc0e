package io.entrepot.upstream.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import io.entrepot.oci.UnusableJsonException;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.UpstreamFailures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One or more pages of a list of referrers. A descriptor stays as the upstream wrote it: pages are
 * joined as text. Used by one thread.
 */
final class ReferrersIndex {
  /** Some 15,000 referrers, and the limit of a manifest, which the fallback is. */
  static final int MAX_BYTES = 4 << 20;

  /** The most referrers, so that many tiny ones do not take many times the bytes of the body. */
  static final int MAX_REFERRERS = 25_000;

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_BYTES);

  private final byte[] bytes;
  private final Set<String> digests = new HashSet<>();

  /** The entries of the pages that were added, as JSON without the brackets. */
  private final List<String> added = new ArrayList<>();

  private int length;
  private int referrers;
  private @Nullable Extent list;
  private @Nullable String kept;

  /** Where a value stands in the text of a page, in characters. */
  private record Extent(int begin, int end) {
    String in(String text) {
      return text.substring(begin, end);
    }
  }

  private ReferrersIndex(byte[] bytes) {
    this.bytes = bytes;
    this.length = bytes.length;
  }

  /**
   * Reads a page.
   *
   * @throws UpstreamException with INVALID if it is no list of descriptors. A client must never be
   *     told "none" because of an answer that nobody can read.
   */
  static ReferrersIndex read(Answer answer) throws UpstreamException {
    ReferrersIndex index = new ReferrersIndex(answer.readAll(MAX_BYTES));
    try {
      JSON.read(index.bytes, root -> root.fields(index::field));
      if (index.list == null) {
        throw new UnusableJsonException("it is no index");
      }
    } catch (IOException e) {
      throw UpstreamFailures.invalid(answer, String.valueOf(e.getMessage()));
    }
    return index;
  }

  private void field(String name, JsonValue value) throws IOException {
    if (!name.equals("manifests")) {
      return;
    }
    if (list != null || !(value.isList() || value.isNull())) {
      throw new UnusableJsonException("it is no index");
    }
    int begin = value.position();
    if (value.isNull()) {
      list = new Extent(begin, begin + "null".length());
      kept = "";
      return;
    }
    value.entries(this::note);
    list = new Extent(begin, value.position() + 1);
  }

  private void note(JsonValue descriptor) throws IOException {
    String digest = text(descriptor, "digest");
    if (digest == null || ++referrers > MAX_REFERRERS) {
      throw new UnusableJsonException(
          "it is no index, or has more than " + MAX_REFERRERS + " referrers");
    }
    digests.add(digest);
  }

  /** The string in a field of an object; null where there is none. */
  private static @Nullable String text(JsonValue object, String field) throws IOException {
    AtomicReference<@Nullable String> text = new AtomicReference<>();
    object.fields(
        (name, value) -> {
          if (name.equals(field)) {
            text.set(value.isString() ? value.text() : null);
          }
        });
    return text.get();
  }

  /**
   * Adds the next page.
   *
   * @return false if both together are too large; then nothing is added
   */
  boolean add(ReferrersIndex page) {
    if (length + page.length > MAX_BYTES || referrers + page.referrers > MAX_REFERRERS) {
      return false;
    }
    added.add(page.entries());
    digests.addAll(page.digests);
    length += page.length;
    referrers += page.referrers;
    return true;
  }

  /** Whether each descriptor of another page is in this list too. */
  boolean hasAllOf(ReferrersIndex page) {
    return digests.containsAll(page.digests);
  }

  /**
   * Keeps the referrers of one type. Only before another page is added.
   *
   * @return false if a descriptor does not tell its type; then nothing is removed, and the client
   *     has to look itself
   */
  boolean filter(String artifactType) {
    List<Extent> wanted = new ArrayList<>();
    AtomicInteger untold = new AtomicInteger();
    JsonValue.Reading byType =
        descriptor -> {
          int begin = descriptor.position();
          String type = text(descriptor, "artifactType");
          if (type == null) {
            untold.incrementAndGet();
          } else if (type.equals(artifactType)) {
            wanted.add(new Extent(begin, descriptor.position() + 1));
          }
        };
    try {
      JSON.read(
          bytes,
          root ->
              root.fields(
                  (name, value) -> {
                    if (name.equals("manifests")) {
                      value.entries(byType);
                    }
                  }));
    } catch (IOException e) {
      throw new IllegalStateException("JSON that was read cannot be read again", e);
    }
    if (untold.get() > 0) {
      return false;
    }
    if (wanted.size() < referrers) {
      String text = decoded();
      kept = wanted.stream().map(extent -> extent.in(text)).collect(Collectors.joining(","));
    }
    return true;
  }

  Referrers toReferrers(boolean filtered, @Nullable String next) {
    return new Referrers(joined(), filtered, next);
  }

  /** The exact bytes of the upstream, where they are one page of which nothing was removed. */
  private byte[] joined() {
    if (kept == null && added.isEmpty()) {
      return bytes;
    }
    String text = decoded();
    Extent here = Objects.requireNonNull(list);
    String entries =
        Stream.concat(Stream.of(entries()), added.stream())
            .filter(some -> !some.isBlank())
            .collect(Collectors.joining(","));
    return (text.substring(0, here.begin()) + "[" + entries + "]" + text.substring(here.end()))
        .getBytes(UTF_8);
  }

  private String entries() {
    if (kept != null) {
      return kept;
    }
    Extent here = Objects.requireNonNull(list);
    return new Extent(here.begin() + 1, here.end() - 1).in(decoded());
  }

  /** Without a byte order mark, as the positions count. */
  private String decoded() {
    String text = new String(bytes, UTF_8);
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }
}
