package io.entrepot.upstream.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.UpstreamFailures;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One or more pages of a list of referrers. Used by one thread. */
final class ReferrersIndex {
  private final ObjectNode root;
  private final Set<String> digests = new HashSet<>();
  private byte[] bytes;
  private boolean changed;

  private ReferrersIndex(ObjectNode root, byte[] bytes) {
    this.root = root;
    this.bytes = bytes;
  }

  /**
   * Reads the first page.
   *
   * @throws UpstreamException with INVALID if it is no list of descriptors. A client must never be
   *     told "none" because of an answer that nobody can read.
   */
  static ReferrersIndex read(Answer answer) throws UpstreamException {
    byte[] bytes = answer.readAll(JsonBody.MAX_BYTES);
    ObjectNode root = (ObjectNode) JsonBody.parse(answer, bytes);
    ReferrersIndex index = new ReferrersIndex(root, bytes);
    if (root.path("manifests").isNull()) {
      root.putArray("manifests");
      index.changed = true;
    }
    index.check(answer, root.path("manifests"));
    return index;
  }

  private void check(Answer answer, JsonNode manifests) throws UpstreamException {
    boolean usable = manifests.isArray();
    for (JsonNode descriptor : manifests) {
      usable &= descriptor.path("digest").isTextual();
      digests.add(descriptor.path("digest").asText());
    }
    if (!usable) {
      throw UpstreamFailures.invalid(answer, "it is no index");
    }
  }

  private ArrayNode manifests() {
    return (ArrayNode) root.path("manifests");
  }

  /**
   * Adds the next page.
   *
   * @return false if both together are too large; then nothing is added
   */
  boolean add(ReferrersIndex page) {
    if (bytes().length + page.bytes.length > JsonBody.MAX_BYTES) {
      return false;
    }
    manifests().addAll(page.manifests());
    digests.addAll(page.digests);
    changed = true;
    return true;
  }

  /** Whether each descriptor of another page is in this list too. */
  boolean hasAllOf(ReferrersIndex page) {
    return digests.containsAll(page.digests);
  }

  /**
   * Keeps the referrers of one type.
   *
   * @return false if a descriptor does not tell its type; then nothing is removed, and the client
   *     has to look itself
   */
  boolean filter(String artifactType) {
    ArrayNode kept = root.arrayNode();
    for (JsonNode descriptor : manifests()) {
      JsonNode type = descriptor.path("artifactType");
      if (!type.isTextual()) {
        return false;
      }
      if (type.asText().equals(artifactType)) {
        kept.add(descriptor);
      }
    }
    changed |= kept.size() < manifests().size();
    root.set("manifests", kept);
    return true;
  }

  Referrers toReferrers(boolean filtered, @Nullable String next) {
    return new Referrers(bytes(), filtered, next);
  }

  private byte[] bytes() {
    if (changed) {
      bytes = JsonBody.write(root);
      changed = false;
    }
    return bytes;
  }
}
