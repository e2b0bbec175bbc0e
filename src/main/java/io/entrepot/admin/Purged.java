package io.entrepot.admin;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.entrepot.catalog.Removal;
import io.entrepot.catalog.RepositoryEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * What a purge has taken away, or would take away.
 *
 * @param dryRun whether nothing was changed
 * @param tags the tags, as people write them; a thousand at most
 * @param digests how many digests, manifests included
 * @param bytes how many bytes come back: those that no other repository has
 * @param gone the digests; a thousand at most
 */
public record Purged(boolean dryRun, List<String> tags, long digests, long bytes, List<Gone> gone) {
  private static final int MAX_NAMED = 1_000;

  /**
   * A digest.
   *
   * @param freed whether no other repository has it, so that its bytes come back
   */
  public record Gone(String digest, long size, boolean freed) {}

  /** Whether there was nothing to take away. */
  @JsonIgnore
  public boolean isNothing() {
    return tags.isEmpty() && digests == 0;
  }

  /** Adds up what goes. Used by one thread. */
  static final class Sum {
    private final List<String> tags = new ArrayList<>();
    private final List<Gone> gone = new ArrayList<>();
    private long digests;
    private long bytes;

    void add(String tag) {
      if (tags.size() < MAX_NAMED) {
        tags.add(tag);
      }
    }

    void add(List<Removal.Part> parts) {
      name(parts);
      digests += parts.size();
      bytes += parts.stream().filter(Removal.Part::freed).mapToLong(Removal.Part::size).sum();
    }

    void add(RepositoryEntry entry) {
      digests += entry.counts().digests();
      bytes += entry.counts().ownBytes();
    }

    void add(Purged other) {
      other.tags().forEach(this::add);
      digests += other.digests();
      bytes += other.bytes();
      other.gone().stream().limit(MAX_NAMED - gone.size()).forEach(gone::add);
    }

    private void name(List<Removal.Part> parts) {
      parts.stream()
          .limit(MAX_NAMED - gone.size())
          .map(part -> new Gone(part.digest().toString(), part.size(), part.freed()))
          .forEach(gone::add);
    }

    /**
     * What would go.
     *
     * @param named digests that were counted otherwise
     */
    Purged dryRun(List<Removal.Part> named) {
      name(named);
      return new Purged(true, List.copyOf(tags), digests, bytes, List.copyOf(gone));
    }

    /** What went. */
    Purged done() {
      return new Purged(false, List.copyOf(tags), digests, bytes, List.copyOf(gone));
    }
  }
}
