package io.entrepot.upstream.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.entrepot.oci.Json;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.UpstreamFailures;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of a list of tags, read as a stream. Only the tags are kept: Artifact Registry sends a
 * map of all manifests beside them, which is many times as large.
 */
final class TagListBody {
  /** The largest body that is read. */
  static final int MAX_BYTES = 64 << 20;

  /**
   * The largest number of tags that is kept: some 40 MB, and more than any known repository has.
   */
  static final int MAX_TAGS = 500_000;

  private static final int MAX_DEPTH = 64;
  private static final JsonFactory JSON = Json.factory(MAX_DEPTH).build();

  private final Answer answer;
  private final List<String> tags = new ArrayList<>();
  private boolean found;

  private TagListBody(Answer answer) {
    this.answer = answer;
  }

  /** Reads the tags in their order. Text that is no tag is left out. */
  static List<String> read(Answer answer) throws UpstreamException {
    TagListBody body = new TagListBody(answer);
    try (JsonParser in = JSON.createParser(new Bounded(answer.stream()))) {
      body.readRoot(in);
    } catch (TooLong e) {
      throw UpstreamFailures.invalid(answer, "a body of more than " + MAX_BYTES + " bytes");
    } catch (JsonProcessingException e) {
      throw UpstreamFailures.invalid(
          answer, "it is not JSON: " + Messages.quote(e.getOriginalMessage()));
    } catch (IOException e) {
      throw answer.broken(e);
    }
    if (!body.found) {
      throw UpstreamFailures.invalid(answer, "it has no list of tags");
    }
    return List.copyOf(body.tags);
  }

  private void readRoot(JsonParser in) throws IOException, UpstreamException {
    if (in.nextToken() != JsonToken.START_OBJECT) {
      throw UpstreamFailures.invalid(answer, "it is no JSON object");
    }
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      boolean wanted = in.currentName().equals("tags");
      JsonToken value = in.nextToken();
      if (wanted) {
        readTags(in, value);
      } else {
        in.skipChildren();
      }
    }
    if (in.nextToken() != null) {
      throw UpstreamFailures.invalid(answer, "it has more than one JSON object");
    }
  }

  private void readTags(JsonParser in, @Nullable JsonToken value)
      throws IOException, UpstreamException {
    boolean list = value == JsonToken.START_ARRAY || value == JsonToken.VALUE_NULL;
    if (found || !list) {
      throw UpstreamFailures.invalid(answer, "it has no list of tags, or two");
    }
    found = true;
    while (value == JsonToken.START_ARRAY) {
      JsonToken entry = in.nextToken();
      if (entry == JsonToken.END_ARRAY || entry == null) {
        return;
      }
      if (entry == JsonToken.VALUE_STRING && isTag(in.getText())) {
        add(in.getText());
      }
      in.skipChildren();
    }
  }

  private void add(String tag) throws UpstreamException {
    if (tags.size() == MAX_TAGS) {
      throw UpstreamFailures.invalid(answer, "it has more than " + MAX_TAGS + " tags");
    }
    tags.add(tag);
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

  private static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** Ends after so many bytes in an exception. */
  private static final class Bounded extends FilterInputStream {
    private int left = MAX_BYTES;

    Bounded(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count(b < 0 ? 0 : 1);
      return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      count(Math.max(0, read));
      return read;
    }

    private void count(int read) throws TooLong {
      left -= read;
      if (left < 0) {
        throw new TooLong();
      }
    }
  }
}
