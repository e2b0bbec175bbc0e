package io.entrepot.upstream.registry;

import io.entrepot.memory.Weight;
import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Tag;
import io.entrepot.oci.UnusableJsonException;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.UpstreamFailures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a list of tags. Only the tags are kept: Artifact Registry sends a map of all
 * manifests beside them, which is many times as large.
 */
final class TagListBody {
  /** The largest body that is read. */
  static final int MAX_BYTES = 64 << 20;

  /**
   * The largest number of tags that is kept: some 40 MB, and more than any known repository has.
   */
  static final int MAX_TAGS = 500_000;

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_BYTES);

  /** How much memory is taken at a time for tags. */
  private static final long STEP = 64 << 10;

  /** A list is also sorted, cut and written out. */
  private static final long COPIES = 3;

  private final Answer answer;
  private final List<String> tags = new ArrayList<>();
  private boolean found;
  private long weight;
  private long held;
  private @Nullable UpstreamException busy;

  private TagListBody(Answer answer) {
    this.answer = answer;
  }

  /** Reads the tags in their order. Text that is no tag is left out. */
  static List<String> read(Answer answer) throws UpstreamException {
    TagListBody body = new TagListBody(answer);
    try {
      JSON.read(answer.stream(), root -> root.fields(body::field));
    } catch (UnusableJsonException e) {
      throw body.busy == null
          ? UpstreamFailures.invalid(answer, String.valueOf(e.getMessage()))
          : body.busy;
    } catch (IOException e) {
      throw answer.broken(e);
    }
    if (!body.found) {
      throw UpstreamFailures.invalid(answer, "it has no list of tags");
    }
    return List.copyOf(body.tags);
  }

  private void field(String name, JsonValue value) throws IOException {
    if (!name.equals("tags")) {
      return;
    }
    if (found || !(value.isList() || value.isNull())) {
      throw new UnusableJsonException("it has no list of tags, or two");
    }
    found = true;
    value.entries(this::add);
  }

  private void add(JsonValue entry) throws IOException {
    if (!entry.isString() || !isTag(entry.text())) {
      return;
    }
    if (tags.size() == MAX_TAGS) {
      throw new UnusableJsonException("it has more than " + MAX_TAGS + " tags");
    }
    tags.add(entry.text());
    weight += COPIES * Weight.ofAscii(entry.text());
    if (weight > held) {
      holdMore();
    }
  }

  private void holdMore() throws UnusableJsonException {
    try {
      answer.holdMemory(STEP);
      held += STEP;
    } catch (UpstreamException e) {
      busy = e;
      throw new UnusableJsonException("there is no memory for it");
    }
  }

  /** Text that is no tag cannot be pulled, and must not reach a terminal (S17). */
  private static boolean isTag(String text) {
    try {
      Tag.parse(text);
      return true;
    } catch (OciException e) {
      return false;
    }
  }
}
