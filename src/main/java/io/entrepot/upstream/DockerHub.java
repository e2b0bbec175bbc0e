package io.entrepot.upstream;

import java.net.URI;
import java.util.Set;

/** Docker Hub, one registry with several host names. */
public final class DockerHub {
  /** The name by which clients mean it. */
  public static final String NAME = "docker.io";

  /** All host names that mean it. */
  public static final Set<String> HOSTS =
      Set.of(NAME, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com");

  /** Where its registry API is. */
  public static final URI URL = URI.create("https://registry-1.docker.io");

  /** The origin of its token service. */
  public static final URI REALM = URI.create("https://auth.docker.io");

  private DockerHub() {}
}
