package io.entrepot.upstream.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Reference;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.MediaType;
import io.entrepot.upstream.Resolution;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.auth.AuthorizedTransport;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.RegistryMarks;
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The manifests and indexes of a registry (end-3). Thread-safe. */
final class ManifestEndpoint {
  /** All types that we know. For a type that is not named registries convert, or answer 404. */
  static final String ACCEPT =
      String.join(
          ", ",
          MediaType.OCI_INDEX,
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.oci.artifact.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.docker.distribution.manifest.v2+json");

  private final URI root;
  private final AuthorizedTransport transport;
  private final HeadMemory heads;

  ManifestEndpoint(URI root, AuthorizedTransport transport, HeadMemory heads) {
    this.root = root;
    this.transport = transport;
    this.heads = heads;
  }

  private URI uri(RepositoryName repository, Reference reference) {
    return root.resolve("/v2/" + repository + "/manifests/" + reference);
  }

  /**
   * Resolves a tag by HEAD. Where HEAD says nothing that counts, one GET by tag decides, and its
   * digest is computed from its bytes.
   */
  Resolution resolve(RepositoryName repository, Tag tag, Call call) throws UpstreamException {
    return heads.ask(
        repository, () -> told(repository, tag, call), () -> fetch(repository, tag, call));
  }

  /** What a HEAD says of a tag; null where it says nothing that counts. */
  private @Nullable Resolution told(RepositoryName repository, Tag tag, Call call)
      throws UpstreamException {
    UpstreamRequest request = accepting(UpstreamRequest.head(uri(repository, tag)));
    boolean believed = heads.isBelieved(repository);
    try (Answer head = believed ? transport.send(request, call) : transport.hint(request, call)) {
      int status = head.status();
      if (status == 200) {
        return DigestClaim.find(head)
            .map(digest -> new Resolution(digest, CacheControl.freshFor(head)))
            .orElse(null);
      }
      boolean no = status == 401 || status == 403 || status == 404;
      if (HeadMemory.isFailure(status) || (no && believed && !RegistryMarks.isForeign(head))) {
        throw transport.failure(head);
      }
      return null;
    }
  }

  /** Resolves a tag by GET. */
  Resolution fetch(RepositoryName repository, Tag tag, Call call) throws UpstreamException {
    UpstreamRequest request = accepting(UpstreamRequest.get(uri(repository, tag)));
    try (Answer answer = transport.sendForOk(request, call)) {
      byte[] bytes = answer.readAll(Manifest.MAX_BYTES);
      Digest.Algorithm algorithm =
          DigestClaim.read(answer).map(Digest::algorithm).orElse(Digest.Algorithm.SHA256);
      Digest digest = Digest.ofBytes(algorithm, bytes);
      DigestClaim.check(answer, digest);
      Manifest manifest = read(answer, digest, bytes);
      return new Resolution(digest, CacheControl.freshFor(answer), manifest);
    }
  }

  /** Asks for size and type by HEAD. Where HEAD does not say both, the manifest is fetched. */
  Descriptor head(RepositoryName repository, Digest digest, Call call) throws UpstreamException {
    UpstreamRequest request = accepting(UpstreamRequest.head(uri(repository, digest)));
    try (Answer answer = transport.hint(request, call)) {
      if (HeadMemory.isFailure(answer.status())) {
        throw transport.failure(answer);
      }
      OptionalLong size = answer.contentLength();
      Optional<String> type = MediaType.parse(answer.header("Content-Type"));
      boolean sound = answer.status() == 200 && DigestClaim.fits(answer, digest);
      if (sound && size.isPresent() && size.getAsLong() > 0 && type.isPresent()) {
        return new Descriptor(type.get(), digest, size.getAsLong());
      }
    }
    Manifest manifest = fetch(repository, digest, call);
    return new Descriptor(manifest.mediaType(), digest, manifest.bytes().length);
  }

  Manifest fetch(RepositoryName repository, Digest digest, Call call) throws UpstreamException {
    UpstreamRequest request = accepting(UpstreamRequest.get(uri(repository, digest)));
    try (Answer answer = transport.sendForOk(request, call)) {
      DigestClaim.check(answer, digest);
      return read(answer, digest, answer.readAll(Manifest.MAX_BYTES));
    }
  }

  private static UpstreamRequest accepting(UpstreamRequest request) {
    return request.with("Accept", ACCEPT);
  }

  private static Manifest read(Answer answer, Digest digest, byte[] bytes)
      throws UpstreamException {
    try {
      return Manifest.verify(digest, answer.header("Content-Type"), bytes);
    } catch (OciException e) {
      throw UpstreamFailures.invalid(answer, String.valueOf(e.getMessage()), e);
    }
  }
}
