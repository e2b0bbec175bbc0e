package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What goes when an image goes, as {@link Images#removal} has found it. Nothing has changed yet.
 *
 * @param image what was to go: an index, a manifest, or a blob
 * @param range the repositories that lose it; empty if all do
 * @param parts all that goes, the image first; empty if the image is not here, or must stay
 * @param awaited what the manifests among them list and is not here; it may be on its way
 * @param isReferrer whether it refers to a subject that is here and stays
 * @param usedAt when a client last used any of it, or the subject of the image, in milliseconds
 */
public record Removal(
    Digest image,
    Optional<RepositoryRange> range,
    List<Part> parts,
    Set<Digest> awaited,
    boolean isReferrer,
    long usedAt) {

  /**
   * One digest that goes.
   *
   * @param size in bytes
   * @param freed whether no other repository has it, so that its bytes come back
   */
  public record Part(Digest digest, long size, boolean freed) {}

  /** Whether nothing goes. */
  public boolean isEmpty() {
    return parts.isEmpty();
  }

  /** How many bytes come back. */
  public long bytes() {
    return parts.stream().filter(Part::freed).mapToLong(Part::size).sum();
  }

  /** How many bytes it is, those included that other repositories keep. */
  public long size() {
    return parts.stream().mapToLong(Part::size).sum();
  }

  /** All digests that go, the image first. */
  public List<Digest> digests() {
    return parts.stream().map(Part::digest).toList();
  }
}
