package io.entrepot.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;

/**
 * A reader of JSON that others have made. It reads a stream, and keeps nothing but what its caller
 * takes out of it. So the memory that it needs does not depend on what the sender puts in. Depth,
 * size, strings and the number of values have limits (S24). Thread-safe; make one for each kind of
 * document.
 */
public final class ForeignJson {
  /** No document of a registry has ten levels. */
  private static final int MAX_DEPTH = 64;

  /** The longest string that can be taken: a token is the longest that we need. */
  private static final int MAX_STRING = 64 << 10;

  /** The longest name of a field. Annotations have the longest, of some hundred characters. */
  private static final int MAX_NAME = 8 << 10;

  /**
   * There may be one value or name for so many bytes of the largest document. The descriptors of a
   * manifest have one for 14 bytes.
   */
  private static final int BYTES_OF_A_TOKEN = 8;

  /** A small document may have so many values and names all the same. */
  private static final int MIN_TOKENS = 8 << 10;

  private static final char BYTE_ORDER_MARK = '\ufeff';

  private final JsonFactory factory;

  private ForeignJson(JsonFactory factory) {
    this.factory = factory;
  }

  /**
   * Makes a reader.
   *
   * @param maxBytes the largest document
   */
  public static ForeignJson upTo(int maxBytes) {
    StreamReadConstraints limits =
        StreamReadConstraints.builder()
            .maxDocumentLength(maxBytes)
            .maxNestingDepth(MAX_DEPTH)
            .maxStringLength(MAX_STRING)
            .maxNameLength(MAX_NAME)
            .maxTokenCount(Math.max(MIN_TOKENS, maxBytes / BYTES_OF_A_TOKEN))
            .build();
    return new ForeignJson(
        JsonFactory.builder()
            .recyclerPool(Json.buffers())
            .streamReadConstraints(limits)
            // Else the names of one document stay in a table for the next.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build());
  }

  /** Reads a document that is in memory. See {@link #read(InputStream, JsonValue.Reading)}. */
  public void read(byte[] document, JsonValue.Reading reading) throws IOException {
    read(new ByteArrayInputStream(document), reading);
  }

  /**
   * Reads a document: one object, in UTF-8.
   *
   * @param reading gets the object
   * @throws UnusableJsonException if it is not JSON, no object, or beyond a limit. What {@code
   *     reading} got until then does not count.
   * @throws IOException if the stream fails
   */
  public void read(InputStream document, JsonValue.Reading reading) throws IOException {
    try (JsonParser parser = factory.createParser(strict(document))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new UnusableJsonException("it is not a JSON object");
      }
      new JsonValue(parser).read(reading);
      if (parser.nextToken() != null) {
        throw new UnusableJsonException("it is not JSON: there is more after its end");
      }
    } catch (StreamConstraintsException e) {
      throw new UnusableJsonException("it is not JSON within our limits: " + said(e));
    } catch (JsonProcessingException e) {
      throw new UnusableJsonException("it is not JSON: " + said(e));
    } catch (CharacterCodingException e) {
      throw new UnusableJsonException("it is not JSON: it is not UTF-8");
    }
  }

  /**
   * A reader that refuses bytes that are no UTF-8, where Java's own would replace them. A byte
   * order mark is left out (RFC 8259, 8.1).
   */
  private static Reader strict(InputStream document) throws IOException {
    PushbackReader text =
        new PushbackReader(new InputStreamReader(document, UTF_8.newDecoder()), 1);
    int first = text.read();
    if (first >= 0 && first != BYTE_ORDER_MARK) {
      text.unread(first);
    }
    return text;
  }

  private static String said(JsonProcessingException e) {
    return Quoted.of(e.getOriginalMessage());
  }
}
