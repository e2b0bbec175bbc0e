package io.entrepot.upstream.registry;

import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.BrokenResponse;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.MediaType;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.auth.AuthorizedTransport;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.io.InputStream;
import java.net.URI;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The upstream's blobs (end-2). Thread-safe. */
final class BlobEndpoint {
  private static final byte[] NO_BYTES = {};

  private final URI root;
  private final AuthorizedTransport transport;

  BlobEndpoint(URI root, AuthorizedTransport transport) {
    this.root = root;
    this.transport = transport;
  }

  private URI uri(RepositoryName repository, Digest digest) {
    return root.resolve("/v2/" + repository + "/blobs/" + digest);
  }

  /**
   * Asks for size and type by HEAD. Where that says no size, or the place of the blobs knows no
   * HEAD (a presigned URL may be good for GET only), a GET for the first byte says it.
   */
  Descriptor head(RepositoryName repository, Digest digest, Call call) throws UpstreamException {
    Answer answer = transport.send(UpstreamRequest.head(uri(repository, digest)), call);
    try (answer) {
      if (answer.status() == 200) {
        DigestClaim.check(answer, digest);
        OptionalLong size = answer.contentLength();
        if (size.isPresent() && isPlausible(size.getAsLong(), digest)) {
          return descriptor(answer, digest, size.getAsLong());
        }
      } else if (answer.isFromUpstream() || answer.status() >= 500 || answer.status() == 429) {
        throw transport.failure(answer);
      }
    }
    return probe(repository, digest, call);
  }

  /** Some servers announce 0 where they would have compressed: only one blob has no bytes. */
  private static boolean isPlausible(long size, Digest digest) {
    return size > 0 || digest.matches(NO_BYTES);
  }

  private Descriptor probe(RepositoryName repository, Digest digest, Call call)
      throws UpstreamException {
    UpstreamRequest request =
        UpstreamRequest.get(uri(repository, digest)).with("Range", "bytes=0-0");
    try (Answer answer = transport.send(request, call)) {
      OptionalLong size =
          switch (answer.status()) {
            case 200 -> answer.contentLength();
            case 206, 416 ->
                ContentRange.parse(answer.header("Content-Range"))
                    .map(ContentRange::size)
                    .orElse(OptionalLong.empty());
            default -> throw transport.failure(answer);
          };
      DigestClaim.check(answer, digest);
      if (size.isEmpty() || !isPlausible(size.getAsLong(), digest)) {
        throw UpstreamFailures.invalid(answer, "it does not say how large the blob is");
      }
      return descriptor(answer, digest, size.getAsLong());
    }
  }

  private static Descriptor descriptor(Answer answer, Digest digest, long size) {
    String type = MediaType.parse(answer.header("Content-Type")).orElse(MediaType.OCTETS);
    return new Descriptor(answer.status() == 416 ? MediaType.OCTETS : type, digest, size);
  }

  /** Begins to fetch. The call's deadline ends with the head; from there on only stalls count. */
  UpstreamBody fetch(RepositoryName repository, Digest digest, FetchRange stretch, Call call)
      throws UpstreamException {
    Answer answer = transport.send(request(uri(repository, digest), stretch), call);
    try {
      UpstreamBody body = body(answer, digest, stretch);
      requireSameSize(answer, body, stretch);
      answer.liftDeadline();
      return body;
    } catch (UpstreamException | RuntimeException | Error e) {
      answer.close();
      throw e;
    }
  }

  private static void requireSameSize(Answer answer, UpstreamBody body, FetchRange stretch)
      throws UpstreamException {
    OptionalLong before = stretch.after() == null ? body.blobSize() : stretch.after().blobSize();
    if (before.isPresent() && body.blobSize().orElse(before.getAsLong()) != before.getAsLong()) {
      throw UpstreamFailures.invalid(
          answer,
          "the blob has "
              + body.blobSize().getAsLong()
              + " bytes where it had "
              + before.getAsLong()
              + " before");
    }
  }

  private UpstreamRequest request(URI uri, FetchRange stretch) {
    UpstreamRequest request = UpstreamRequest.get(uri);
    if (stretch.isWhole()) {
      return request;
    }
    String last = stretch.last() == Long.MAX_VALUE ? "" : String.valueOf(stretch.last());
    UpstreamRequest ranged = request.with("Range", "bytes=" + stretch.first() + "-" + last);
    BrokenResponse after = stretch.after();
    // An ETag means something to the one who gave it only.
    String etag = after != null && after.source().equals(root) ? strong(after.etag()) : null;
    return etag == null ? ranged : ranged.with("If-Range", etag);
  }

  private UpstreamBody body(Answer answer, Digest digest, FetchRange stretch)
      throws UpstreamException {
    if (answer.status() == 206 && !stretch.isWhole()) {
      return partial(answer, stretch);
    }
    if (answer.status() == 206) {
      throw UpstreamFailures.invalid(
          answer, "a part of the blob (206) where all of it was asked for");
    }
    if (answer.status() != 200) {
      throw transport.failure(answer);
    }
    DigestClaim.check(answer, digest);
    return new Body(root, answer, answer.stream(), 0, answer.contentLength());
  }

  private UpstreamBody partial(Answer answer, FetchRange stretch) throws UpstreamException {
    String header = answer.header("Content-Range");
    ContentRange range = ContentRange.parse(header).orElse(null);
    if (range == null || !range.answers(stretch)) {
      throw UpstreamFailures.invalid(
          answer, "another range than asked for: " + Messages.quote(header));
    }
    long length = range.last() - range.first() + 1;
    if (answer.contentLength().orElse(length) != length) {
      throw UpstreamFailures.invalid(answer, "its Content-Length contradicts its Content-Range");
    }
    return new Body(root, answer, answer.stream(), range.first(), range.size());
  }

  private static @Nullable String strong(@Nullable String etag) {
    boolean strong =
        etag != null
            && etag.length() >= 2
            && etag.startsWith("\"")
            && etag.endsWith("\"")
            && etag.chars().allMatch(c -> c > ' ' && c < 0x7f);
    return strong ? etag : null;
  }

  private record Body(
      URI source, Answer answer, InputStream stream, long offset, OptionalLong blobSize)
      implements UpstreamBody {
    @Override
    public @Nullable String etag() {
      return strong(answer.header("ETag"));
    }

    @Override
    public void close() {
      answer.close();
    }
  }
}
