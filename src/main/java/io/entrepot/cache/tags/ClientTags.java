package io.entrepot.cache.tags;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.cache.LocalTags;
import io.entrepot.cache.Question;
import io.entrepot.catalog.TagEntry;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Source;
import java.util.Optional;

/**
 * Where tags lead for the client that asks. That is one answer for all, in the catalog. Where the
 * upstream is asked for each client, an answer counts for its own client only, and is in memory.
 * Thread-safe.
 */
final class ClientTags {
  private final LocalTags local;
  private final Cache<Question, TagEntry> answers;

  /**
   * Knows nothing of single clients.
   *
   * @param memory holds the answers to them; one that is dropped is asked for again
   */
  ClientTags(LocalTags local, MemoryBudget memory) {
    this.local = local;
    this.answers =
        memory.cache(
            Share.CLIENT_TAGS,
            (question, entry) ->
                question.weight() + 5 * Weight.RECORD + Weight.ofAscii(entry.digest().hex()));
  }

  /** Finds the entry of a tag. May query the database. */
  Optional<TagEntry> find(Source source, Tag tag) {
    return source.isPerClient() ? answer(source, tag) : local.find(source.repository(), tag);
  }

  /** Finds the entry of a tag if it is in memory. Never queries the database. */
  Optional<TagEntry> findKnown(Source source, Tag tag) {
    return source.isPerClient() ? answer(source, tag) : local.findKnown(source.repository(), tag);
  }

  private Optional<TagEntry> answer(Source source, Tag tag) {
    return source.isGranted()
        ? Optional.ofNullable(answers.getIfPresent(Question.of(source, tag)))
        : Optional.empty();
  }

  /** Records the entry of a tag. The catalog has each, for those who look after this cache. */
  void put(Source source, TagEntry entry) {
    if (source.isPerClient()) {
      answers.put(Question.of(source, entry.tag()), entry);
    }
    local.put(entry);
  }

  /** Removes the entry of a tag, because the upstream does not have it for the client. */
  void forget(Source source, Tag tag) {
    if (source.isPerClient()) {
      answers.invalidate(Question.of(source, tag));
    } else {
      local.forget(source.repository(), tag);
    }
  }
}
