package io.entrepot.servers;

import io.entrepot.oci.Digest;
import java.util.Random;
import java.util.UUID;

/** Content of a repository that no cache has stored, whatever tests ran before. */
final class Blobs {
  private static final Random RANDOM = new Random();

  private final String repository = "it/" + UUID.randomUUID();

  static byte[] bytes(int length) {
    var bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return bytes;
  }

  /** Gives the upstream a blob. */
  Digest put(byte[] bytes) {
    return Site.UPSTREAM.putBlob(repository, bytes);
  }

  String repository() {
    return repository;
  }

  String path(Digest digest) {
    return "/v2/" + repository + "/blobs/" + digest;
  }
}
