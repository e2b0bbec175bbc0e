package io.entrepot.cache.explain;

import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.explain.Explanation.Contents;
import io.entrepot.cache.explain.Explanation.Part;
import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how much of an image is stored. Counts no use and sends no upstream request. Used for
 * one image by one thread.
 */
final class Inventory {
  /**
   * The largest number of lookups in the catalog and the store for one answer; they take some tens
   * of milliseconds.
   */
  static final int MAX_LOOKUPS = 2_000;

  private final LocalContent content;
  private final RepositoryName repository;
  private int lookups;
  private boolean cut;

  Inventory(LocalContent content, RepositoryName repository) {
    this.content = content;
    this.repository = repository;
  }

  /** Looks up everything that a manifest lists. */
  Contents of(Manifest manifest) {
    List<Part> parts = new ArrayList<>();
    if (manifest.isIndex()) {
      for (Descriptor child : manifest.children()) {
        if (mayLook()) {
          parts.add(part(child));
        }
      }
    } else {
      parts.add(part(manifest, null));
    }
    return new Contents(parts, cut);
  }

  private Part part(Descriptor child) {
    return manifest(child.digest())
        .map(manifest -> part(manifest, child.platform()))
        .orElseGet(() -> new Part(child.digest().toString(), child.platform(), false, 0, 0, 0));
  }

  private Part part(Manifest manifest, @Nullable String platform) {
    int here = 0;
    long missing = 0;
    Set<Digest> blobs = new HashSet<>();
    // An index within an index lists no blobs. No known client reads one.
    for (Descriptor child : manifest.isIndex() ? List.<Descriptor>of() : manifest.children()) {
      if (!blobs.add(child.digest()) || !mayLook()) {
        continue;
      }
      if (content.peek(repository, child.digest(), LinkKind.BLOB).isPresent()) {
        here++;
      } else {
        missing += child.size();
      }
    }
    return new Part(manifest.digest().toString(), platform, true, blobs.size(), here, missing);
  }

  private boolean mayLook() {
    cut |= lookups >= MAX_LOOKUPS;
    lookups++;
    return !cut;
  }

  /** Reads a stored manifest of this repository. A damaged manifest is treated as absent. */
  Optional<Manifest> manifest(Digest digest) {
    Optional<LinkedBlob> stored = content.peek(repository, digest, LinkKind.MANIFEST);
    if (stored.isEmpty() || stored.get().link().mediaType() == null) {
      return Optional.empty();
    }
    try {
      byte[] bytes = stored.get().readSound();
      return bytes == null
          ? Optional.empty()
          : Optional.of(Manifest.read(digest, stored.get().link().mediaType(), bytes));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
