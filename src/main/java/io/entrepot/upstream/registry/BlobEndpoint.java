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

/** The blobs of a registry (end-2). Thread-safe. */
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
   * Asks for size and type by HEAD. A GET of the first byte follows where the answer has no size,
   * or where a redirect leads to a server without HEAD (a presigned URL can be for GET only).
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

  /** Some servers announce 0 where they would compress. Only one blob really has no bytes. */
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

  /** Begins to fetch. The deadline of the call ends with the head; after that only stalls count. */
  UpstreamBody fetch(RepositoryName repository, Digest digest, FetchRange range, Call call)
      throws UpstreamException {
    Answer answer = transport.send(request(uri(repository, digest), range), call);
    try {
      UpstreamBody body = body(answer, digest, range);
      requireSameSize(answer, body, range);
      answer.liftDeadline();
      return body;
    } catch (UpstreamException | RuntimeException | Error e) {
      answer.close();
      throw e;
    }
  }

  private static void requireSameSize(Answer answer, UpstreamBody body, FetchRange range)
      throws UpstreamException {
    OptionalLong before = range.after() == null ? body.blobSize() : range.after().blobSize();
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

  private UpstreamRequest request(URI uri, FetchRange range) {
    UpstreamRequest request = UpstreamRequest.get(uri);
    if (range.isWhole()) {
      return request;
    }
    String last = range.last() == Long.MAX_VALUE ? "" : String.valueOf(range.last());
    UpstreamRequest ranged = request.with("Range", "bytes=" + range.first() + "-" + last);
    BrokenResponse after = range.after();
    // An ETag means something only to the server that gave it.
    String etag = after != null && after.source().equals(root) ? strong(after.etag()) : null;
    return etag == null ? ranged : ranged.with("If-Range", etag);
  }

  private UpstreamBody body(Answer answer, Digest digest, FetchRange range)
      throws UpstreamException {
    if (answer.status() == 206 && !range.isWhole()) {
      return partial(answer, range);
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

  private UpstreamBody partial(Answer answer, FetchRange range) throws UpstreamException {
    String header = answer.header("Content-Range");
    ContentRange part = ContentRange.parse(header).orElse(null);
    if (part == null || !part.answers(range)) {
      throw UpstreamFailures.invalid(
          answer, "another range than asked for: " + Messages.quote(header));
    }
    long length = part.last() - part.first() + 1;
    if (answer.contentLength().orElse(length) != length) {
      throw UpstreamFailures.invalid(answer, "its Content-Length contradicts its Content-Range");
    }
    return new Body(root, answer, answer.stream(), part.first(), part.size());
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
