package io.entrepot.access;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.entrepot.oci.Json;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log: a line of JSON for each refusal, each failed login, and each action that changes
 * something. Thread-safe.
 */
public final class Audit {
  private static final Logger log = LoggerFactory.getLogger("io.entrepot.audit");
  private static final JsonFactory JSON =
      JsonFactory.builder().recyclerPool(Json.buffers()).build();

  /** The longest text of a client in a line. */
  private static final int MAX_TEXT = 300;

  private final Clock clock;

  public Audit(Clock clock) {
    this.clock = clock;
  }

  /**
   * What has happened.
   *
   * @param action {@code login}, a right such as {@code pull}, or what was changed
   * @param principal who it was, or as whom somebody tried to log in; may be empty
   * @param address the address of the client, or the way, such as JMX
   * @param repository which repository it was about; may be empty
   * @param outcome what came of it
   */
  public record Event(
      String action, String principal, String address, String repository, String outcome) {}

  /** Writes a line. */
  public void log(Event event) {
    if (!log.isInfoEnabled()) {
      return;
    }
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("time", clock.instant().toString());
      json.writeStringField("action", event.action());
      json.writeStringField("principal", cut(event.principal()));
      json.writeStringField("address", event.address());
      json.writeStringField("repository", cut(event.repository()));
      json.writeStringField("outcome", event.outcome());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter does not fail
    }
    log.info("{}", line);
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
