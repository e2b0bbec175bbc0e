package io.entrepot.spool;

import io.entrepot.oci.RepositoryName;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The quota of the whole storage, and the space of each upstream that has its own. Immutable. */
public final class Rooms {
  /** No quota at all. */
  public static final Rooms NONE = new Rooms(StorageQuota.NONE, Map.of());

  private final StorageQuota whole;
  private final Map<String, UpstreamSpace> spaces;

  /**
   * Takes the spaces.
   *
   * @param spaces by the names of the upstreams
   */
  public Rooms(StorageQuota whole, Map<String, UpstreamSpace> spaces) {
    this.whole = whole;
    this.spaces = Map.copyOf(spaces);
  }

  /** The space of an upstream; empty if it has no quota. */
  public Optional<UpstreamSpace> of(String upstream) {
    return Optional.ofNullable(spaces.get(upstream));
  }

  /**
   * Why there is never room for so many bytes at once; empty if there may be. The text begins in
   * the middle of a sentence.
   */
  public Optional<String> refusal(String upstream, long bytes) {
    if (whole.isSet() && bytes > whole.bytes()) {
      return Optional.of("storage.quota is only %d bytes".formatted(whole.bytes()));
    }
    return of(upstream)
        .map(space -> space.quota().bytes())
        .filter(quota -> bytes > quota)
        .map(quota -> "the quota of %s is only %d bytes".formatted(upstream, quota));
  }

  /** All spaces, by the names of their upstreams. */
  public Map<String, UpstreamSpace> all() {
    return spaces;
  }

  /**
   * Promises bytes to content of a repository, whose name begins with that of its upstream.
   *
   * @return null if the upstream has no quota
   * @throws IOException when there is no room
   */
  public UpstreamSpace.@Nullable Claim claim(RepositoryName repository, long bytes)
      throws IOException {
    return claim(upstreamOf(repository), bytes);
  }

  /** As {@link #claim(RepositoryName, long)}, for a fill. */
  UpstreamSpace.@Nullable Claim claim(FillKey key, long bytes) throws IOException {
    return claim(key.upstream(), bytes);
  }

  /** The upstream of a repository, as its name says. */
  public static String upstreamOf(RepositoryName repository) {
    String name = repository.value();
    return name.substring(0, Math.max(0, name.indexOf('/')));
  }

  private UpstreamSpace.@Nullable Claim claim(String upstream, long bytes) throws IOException {
    UpstreamSpace space = spaces.get(upstream);
    return space == null ? null : space.claim(bytes);
  }
}
