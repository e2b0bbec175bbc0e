package io.entrepot.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.access.Audit;
import io.entrepot.access.Viewer;
import io.entrepot.cache.EventStream;
import io.entrepot.cache.MovedTags;
import io.entrepot.oci.Json;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Sources;
import io.entrepot.routing.UpstreamStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens in the cache, told to those who listen, each only what he may see. It looks once a
 * second what has changed, while somebody listens. Thread-safe.
 */
public final class Events implements AutoCloseable {
  /** How many may listen. Each has up to 64 KiB of events that it has not read. */
  public static final int MAX_LISTENERS = 16;

  /** After so many looks a stream ends. A browser opens it again, and is asked who it is. */
  private static final int LOOKS = 600;

  /**
   * After so many looks a stream gets a sign of life. Proxies close what is silent for a minute.
   */
  private static final int LOOKS_TO_BEAT = 15;

  /** How many fills one event tells. */
  private static final int MAX_FILLS = 100;

  private static final Logger log = LoggerFactory.getLogger(Events.class);
  private static final ObjectMapper JSON = Json.mapper();

  private final Sources sources;
  private final Progress progress;
  private final Audit audit;
  private final MovedTags moved;
  private final List<Listener> listeners = new ArrayList<>();
  private boolean closed;

  /** What goes on. Must not block. */
  public interface Progress {
    /** The fills under way of repositories that the viewer may pull, the oldest first. */
    List<Statistics.FillInfo> fills(Viewer viewer);

    /** What has been deleted from the disk since the start. */
    Statistics.Evictions evictions();
  }

  /** Wires the collaborators. */
  public Events(Sources sources, Progress progress, Audit audit, MovedTags moved) {
    this.sources = sources;
    this.progress = progress;
    this.audit = audit;
    this.moved = moved;
  }

  /** Somebody who listens, and what was told last. Used by one thread at a time. */
  private final class Listener {
    private final Viewer viewer;
    private final EventStream stream = new EventStream();
    private final Map<String, String> told = new HashMap<>();
    private long lastMove = moved.count();
    private long lastAction = audit.since(Long.MAX_VALUE).count();
    private int looks;

    private Listener(Viewer viewer) {
      this.viewer = viewer;
    }

    /** Tells what differs from what was told last. */
    private void tellState(String name, Object state) {
      String json = json(state);
      if (!json.equals(told.put(name, json))) {
        stream.send(name, json);
      }
    }

    private void look(Seen seen) {
      tellState("upstreams", seen.upstreams());
      tellState("evictions", seen.evictions());
      tellState("fills", progress.fills(viewer).stream().limit(MAX_FILLS).toList());
      for (MovedTags.Move move : moved.after(lastMove)) {
        lastMove = move.number();
        if (viewer.mayPull(move.repository().value())) {
          stream.send("tag-moved", json(told(move)));
        }
      }
      Audit.Since actions = audit.since(lastAction);
      lastAction = actions.count();
      if (viewer.mayManage()) {
        actions.entries().forEach(entry -> stream.send("activity", json(entry)));
      }
      looks++;
      if (looks % LOOKS_TO_BEAT == 0) {
        stream.beat();
      }
      if (looks >= LOOKS) {
        stream.end();
      }
    }
  }

  /** What all listeners may see. */
  private record Seen(List<UpstreamStatus> upstreams, Statistics.Evictions evictions) {}

  /**
   * A tag that leads elsewhere.
   *
   * @param repository as clients use it in a path
   */
  public record TagMoved(String repository, String tag, String from, String to) {}

  private TagMoved told(MovedTags.Move move) {
    return new TagMoved(
        sources.pathOf(move.repository()).orElse(move.repository()).value(),
        move.tag().value(),
        move.from().toString(),
        move.to().toString());
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e); // they are plain values
    }
  }

  /**
   * Begins to tell somebody what happens.
   *
   * @return empty if too many listen, or this cache is about to stop
   */
  public synchronized Optional<EventStream> open(Viewer viewer) {
    forgetOver();
    if (closed || listeners.size() >= MAX_LISTENERS) {
      return Optional.empty();
    }
    Listener listener = new Listener(viewer);
    listeners.add(listener);
    return Optional.of(listener.stream);
  }

  private void forgetOver() {
    listeners.removeIf(listener -> listener.stream.isOver());
  }

  /** Looks what has changed, and tells it. To be called once a second. */
  public synchronized void look() {
    forgetOver();
    if (listeners.isEmpty()) {
      return;
    }
    try {
      Seen seen =
          new Seen(
              sources.upstreams().stream().map(ProxiedUpstream::status).toList(),
              progress.evictions());
      listeners.forEach(listener -> listener.look(seen));
    } catch (RuntimeException e) {
      log.warn("What happens in the cache could not be told to those who listen", e);
    }
  }

  /** Ends all streams. */
  @Override
  public synchronized void close() {
    closed = true;
    listeners.forEach(listener -> listener.stream.end());
    listeners.clear();
  }
}
