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
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

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

  ManifestEndpoint(URI root, AuthorizedTransport transport) {
    this.root = root;
    this.transport = transport;
  }

  private URI uri(RepositoryName repository, Reference reference) {
    return root.resolve("/v2/" + repository + "/manifests/" + reference);
  }

  Resolution resolve(RepositoryName repository, Tag tag, Call call) throws UpstreamException {
    URI uri = uri(repository, tag);
    try (Answer head = transport.sendForOk(accepting(UpstreamRequest.head(uri)), call)) {
      Optional<Digest> claimed = DigestClaim.read(head);
      if (claimed.isPresent()) {
        return new Resolution(claimed.get(), CacheControl.freshFor(head));
      }
    }
    try (Answer answer = transport.sendForOk(accepting(UpstreamRequest.get(uri)), call)) {
      byte[] bytes = answer.readAll(Manifest.MAX_BYTES);
      Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, bytes);
      return new Resolution(read(answer, digest, bytes).digest(), CacheControl.freshFor(answer));
    }
  }

  Descriptor head(RepositoryName repository, Digest digest, Call call) throws UpstreamException {
    UpstreamRequest request = accepting(UpstreamRequest.head(uri(repository, digest)));
    try (Answer answer = transport.sendForOk(request, call)) {
      DigestClaim.check(answer, digest);
      OptionalLong size = answer.contentLength();
      Optional<String> type = MediaType.parse(answer.header("Content-Type"));
      if (size.isPresent() && size.getAsLong() > 0 && type.isPresent()) {
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
