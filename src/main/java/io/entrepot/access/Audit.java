package io.entrepot.access;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.entrepot.oci.Json;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
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

  /** How many events are remembered. With texts of 300 characters they take less than 1 MiB. */
  private static final int REMEMBERED = 200;

  private final Clock clock;

  /** The latest events, the newest first. Guarded by itself. */
  private final Deque<Entry> latest = new ArrayDeque<>();

  /** How many events there were. Guarded by the same. */
  private long count;

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
      String action, String principal, String address, String repository, String outcome) {
    private Event cut() {
      return new Event(
          action,
          Audit.cut(principal),
          Audit.cut(address),
          Audit.cut(repository),
          Audit.cut(outcome));
    }
  }

  /**
   * An event and its time.
   *
   * @param time when it happened, in ISO 8601
   */
  public record Entry(String time, @JsonUnwrapped Event event) {}

  /** The latest events since the start, the newest first, at most 200. */
  public List<Entry> latest() {
    synchronized (latest) {
      return List.copyOf(latest);
    }
  }

  /**
   * What has happened since somebody looked.
   *
   * @param count how many events there were since the start
   * @param entries those behind the number, the oldest first, as far as they are remembered
   */
  public record Since(long count, List<Entry> entries) {}

  /** The events behind a number; none if the number is larger than their count. */
  public Since since(long number) {
    synchronized (latest) {
      List<Entry> entries =
          new ArrayList<>(latest.stream().limit(Math.max(0, count - number)).toList());
      Collections.reverse(entries);
      return new Since(count, entries);
    }
  }

  private void remember(Entry entry) {
    synchronized (latest) {
      count++;
      latest.addFirst(entry);
      if (latest.size() > REMEMBERED) {
        latest.removeLast();
      }
    }
  }

  /** Writes a line, and remembers the event. */
  public void log(Event happened) {
    Event event = happened.cut();
    String time = clock.instant().toString();
    remember(new Entry(time, event));
    if (!log.isInfoEnabled()) {
      return;
    }
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("time", time);
      json.writeStringField("action", event.action());
      json.writeStringField("principal", event.principal());
      json.writeStringField("address", event.address());
      json.writeStringField("repository", event.repository());
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
